/**
 * One small network for each kind of operation that a model is made of, with the sizes at which kernels go wrong: odd,
 * narrow, and not a multiple of any vector. Each is made of what comes before it and one thing more, so the first that
 * fails names what is wrong.
 */
import type { Network, Operation, Window } from '../network/network.ts';
import { windowOf } from '../network/window.ts';
import { CLASSES, smallNetwork } from './small-network.ts';

export interface KernelProbe {
  readonly kernel: string;
  readonly network: Network;
}

/** Every model ends in one, so the loss and the optimisers are tested on it, too. */
export const DENSE_PROBE: KernelProbe = {
  kernel: 'dense',
  network: smallNetwork({ rows: 3, width: 5 }, ({ dense }) => dense(dense(0, 9, 'relu'), CLASSES)),
};

export function kernelProbes({ operations }: Network): readonly KernelProbe[] {
  const probes = new Map<string, KernelProbe>([['dense', DENSE_PROBE]]);
  for (const operation of operations) {
    const network = probeOf(operation);
    probes.set(JSON.stringify(network), { kernel: nameOf(operation), network });
  }
  return [...probes.values()].sort((one, other) => rankOf(one) - rankOf(other));
}

/** In which others are made: images become vectors by a reshape. */
const FIRST = ['dense', 'dense-gelu', 'reshape', 'sum'];
const rankOf = ({ kernel }: KernelProbe): number =>
  (FIRST.indexOf(kernel) + FIRST.length + 1) % (FIRST.length + 1);

function nameOf(operation: Operation): string {
  return operation.kind === 'dense' && operation.activation === 'gelu' ? 'dense-gelu' : operation.kind;
}

function probeOf(operation: Operation): Network {
  switch (operation.kind) {
    case 'dense':
      return smallNetwork({ rows: 3, width: 5 }, ({ dense }) => {
        const how = operation.bias === null ? 'without bias' : 'plain';
        return dense(dense(dense(0, 4), 9, operation.activation, how), CLASSES);
      });
    case 'convolution': {
      const at = small(operation.window);
      return smallNetwork({ rows: at.inputHeight * at.inputWidth, width: 1 }, (build) => {
        // The first one has nobody to hand a gradient to; the second one has.
        const first = build.convolution(
          0,
          5,
          windowOf({ ...SAME, height: at.inputHeight, width: at.inputWidth }),
        );
        return build.dense(build.flatten(build.convolution(first, 6, at)), CLASSES);
      });
    }
    case 'depthwise-convolution': {
      const at = small(operation.window);
      return smallNetwork(
        { rows: at.inputHeight * at.inputWidth, width: 2 },
        ({ dense, depthwise, flatten }) => dense(flatten(depthwise(dense(0, 9), at)), CLASSES),
      );
    }
    case 'max-pooling': {
      const at = small(operation.window);
      return smallNetwork(
        { rows: at.inputHeight * at.inputWidth, width: 2 },
        ({ dense, maxPooling, flatten }) => dense(flatten(maxPooling(dense(0, 6), at)), CLASSES),
      );
    }
    case 'average-pooling':
      return smallNetwork({ rows: 11, width: 2 }, ({ dense, averagePooling }) =>
        dense(averagePooling(dense(0, 7)), CLASSES),
      );
    case 'reshape':
      return smallNetwork({ rows: 4, width: 3 }, ({ dense, flatten }) =>
        dense(flatten(dense(0, 5)), CLASSES),
      );
    case 'embedding':
      return smallNetwork({ rows: 6, width: 1 }, ({ dense, embedding }) =>
        dense(embedding(0, 9, operation.positions ? 'with positions' : 'without positions'), CLASSES),
      );
    case 'layer-normalisation':
      return smallNetwork({ rows: 4, width: 3 }, ({ dense, normalise }) =>
        dense(normalise(dense(0, 39)), CLASSES),
      );
    case 'causal-attention':
      return smallNetwork({ rows: 5, width: 4 }, ({ dense, attention }) =>
        dense(attention(dense(0, 18), 2), CLASSES),
      );
    case 'gated-recurrence':
      return smallNetwork({ rows: 5, width: 4 }, ({ dense, recurrence }) =>
        dense(recurrence(dense(0, 15)), CLASSES),
      );
    case 'sum':
      return smallNetwork({ rows: 2, width: 5 }, ({ dense, sum }) => {
        const read = dense(0, 7);
        return dense(sum(read, dense(read, 7), 0.5), CLASSES);
      });
  }
}

const SAME = { kernel: 3, stride: 1, padding: 'same' } as const;

/** The same kernel and stride over a few pixels. */
function small({ kernelHeight, stride, inputHeight, outputHeight }: Window): Window {
  const padding = outputHeight === Math.ceil(inputHeight / stride) ? 'same' : 'valid';
  return windowOf({
    height: kernelHeight + 3,
    width: kernelHeight + 2,
    kernel: kernelHeight,
    stride,
    padding,
  });
}
