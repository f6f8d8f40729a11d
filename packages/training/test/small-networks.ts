/** A network around each kind of operation, with the sizes at which kernels go wrong: odd, narrow, strided, padded. */
import type { Network } from '../src/network/network.ts';
import { type WindowSizes, windowOf } from '../src/network/window.ts';
import { CLASSES, smallNetwork as network } from '../src/self-test/small-network.ts';

export const SMALL_NETWORKS: Readonly<Record<string, Network>> = {
  'dense, one row': network({ rows: 1, width: 7 }, ({ dense }) => dense(dense(0, 5, 'relu'), CLASSES)),
  'dense, rows, gelu': network({ rows: 3, width: 5 }, ({ dense }) => dense(dense(0, 9, 'gelu'), CLASSES)),
  'dense without bias': network({ rows: 2, width: 4 }, ({ dense }) =>
    dense(dense(0, 6, 'linear', 'without bias'), CLASSES),
  ),
  'dense, frozen': network({ rows: 2, width: 4 }, ({ dense }) =>
    dense(dense(dense(0, 4), 6, 'gelu', 'frozen'), CLASSES),
  ),
  'convolution 5x5': network({ rows: 7 * 6, width: 2 }, ({ convolution, flatten, dense }) =>
    dense(flatten(convolution(0, 4, window(7, 6, 5, 1))), CLASSES),
  ),
  'convolution 3x3, twice': network({ rows: 5 * 6, width: 1 }, ({ convolution, flatten, dense }) => {
    const first = convolution(0, 5, window(5, 6, 3, 1));
    return dense(flatten(convolution(first, 3, window(5, 6, 3, 1))), CLASSES);
  }),
  'convolution, stride 2': network({ rows: 6 * 7, width: 3 }, ({ dense, convolution, flatten }) =>
    dense(flatten(convolution(dense(0, 4), 5, window(6, 7, 3, 2))), CLASSES),
  ),
  'convolution, valid': network({ rows: 6 * 5, width: 2 }, ({ dense, convolution, flatten }) =>
    dense(flatten(convolution(dense(0, 3), 4, window(6, 5, 3, 1, 'valid'))), CLASSES),
  ),
  'depthwise convolution': network({ rows: 5 * 6, width: 3 }, ({ dense, depthwise, flatten }) =>
    dense(flatten(depthwise(dense(0, 9), window(5, 6, 3, 1))), CLASSES),
  ),
  'depthwise convolution, stride 2': network({ rows: 6 * 7, width: 3 }, ({ dense, depthwise, flatten }) =>
    dense(flatten(depthwise(dense(0, 5), window(6, 7, 3, 2))), CLASSES),
  ),
  'depthwise convolution 5x4, one channel': network(
    { rows: 7 * 9, width: 1 },
    ({ depthwise, flatten, dense }) =>
      dense(flatten(depthwise(0, { ...window(7, 9, 5, 2), kernelWidth: 4 })), CLASSES),
  ),
  'depthwise convolution, valid, beside its input': network({ rows: 30, width: 2 }, (build) => {
    const read = build.dense(0, 6);
    const whole = build.depthwise(read, window(5, 6, 3, 1));
    const added = build.sum(build.depthwise(whole, window(5, 6, 3, 1)), whole, 0.5);
    return build.dense(build.flatten(build.depthwise(added, window(5, 6, 3, 2, 'valid'))), CLASSES);
  }),
  'max pooling': network({ rows: 7 * 6, width: 2 }, ({ dense, maxPooling, flatten }) =>
    dense(flatten(maxPooling(dense(0, 6), window(7, 6, 2, 2, 'valid'))), CLASSES),
  ),
  'average pooling': network({ rows: 11, width: 2 }, ({ dense, averagePooling }) =>
    dense(averagePooling(dense(0, 7, 'relu')), CLASSES),
  ),
  'average pooling beside its input': network(
    { rows: 6, width: 2 },
    ({ dense, averagePooling, flatten, sum }) => {
      const read = dense(0, 5, 'relu');
      return sum(dense(averagePooling(read), CLASSES), dense(flatten(read), CLASSES), 1);
    },
  ),
  embedding: network({ rows: 6, width: 1 }, ({ embedding, dense }) =>
    dense(embedding(0, 5, 'without positions'), CLASSES),
  ),
  'embedding with positions': network({ rows: 6, width: 1 }, ({ embedding, dense }) =>
    dense(embedding(0, 9, 'with positions'), CLASSES),
  ),
  'layer normalisation': network({ rows: 4, width: 3 }, ({ dense, normalise }) =>
    dense(normalise(dense(0, 10)), CLASSES),
  ),
  'layer normalisation beside its input, many rows': network(
    { rows: 19, width: 3 },
    ({ dense, normalise, sum }) => {
      const read = dense(0, 5);
      return dense(sum(normalise(read), normalise(sum(read, normalise(read), 1)), 2), CLASSES);
    },
  ),
  'layer normalisation, wide': network({ rows: 3, width: 3 }, ({ dense, normalise }) =>
    dense(normalise(dense(0, 39)), CLASSES),
  ),
  'layer normalisation of two columns': network({ rows: 2, width: 3 }, ({ dense, normalise }) =>
    dense(normalise(dense(0, 2)), CLASSES),
  ),
  'causal attention': network({ rows: 5, width: 4 }, ({ dense, attention }) =>
    dense(attention(dense(0, 18), 2), CLASSES),
  ),
  'causal attention, one row': network({ rows: 1, width: 4 }, ({ dense, attention }) =>
    dense(attention(dense(0, 21), 1), CLASSES),
  ),
  'causal attention, odd heads, beside its input': network({ rows: 10, width: 4 }, (build) => {
    const read = build.dense(0, 45);
    const deep = build.attention(build.sum(read, build.dense(build.attention(read, 3), 45), 1), 5);
    return build.dense(deep, CLASSES);
  }),
  'gated recurrence, one step of one unit': network({ rows: 1, width: 2 }, ({ dense, recurrence }) =>
    dense(recurrence(dense(0, 3)), CLASSES),
  ),
  'gated recurrence beside its input': network({ rows: 7, width: 2 }, ({ dense, recurrence, sum }) => {
    const read = dense(0, 18);
    const again = recurrence(sum(read, dense(recurrence(read), 18), 1));
    return dense(again, CLASSES);
  }),
  'gated recurrence': network({ rows: 5, width: 4 }, ({ dense, recurrence }) =>
    dense(recurrence(dense(0, 15)), CLASSES),
  ),
  'sum, scaled': network({ rows: 2, width: 5 }, ({ dense, sum }) => {
    const read = dense(0, 6);
    return dense(sum(read, dense(read, 6, 'gelu'), 0.5), CLASSES);
  }),
  'sum of a value with itself': network({ rows: 2, width: 5 }, ({ dense, sum }) => {
    const read = dense(0, 6, 'relu');
    return dense(sum(read, read, -0.25), CLASSES);
  }),
  'reshape, adding to a gradient': network({ rows: 4, width: 3 }, ({ dense, reshape, sum }) => {
    const read = dense(0, 6);
    const folded = reshape(read, { rows: 2, width: 12 });
    const restored = reshape(dense(folded, 12), { rows: 4, width: 6 });
    return dense(sum(restored, read, 1), CLASSES);
  }),
};

function window(
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: WindowSizes['padding'] = 'same',
) {
  return windowOf({ height, width, kernel, stride, padding });
}
