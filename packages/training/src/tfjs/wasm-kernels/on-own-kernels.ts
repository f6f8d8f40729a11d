/**
 * One backward pass of one convolution on the kernels of our own engine. tfjs's memory is its own, so everything is copied in
 * and out; that is little beside the convolution itself.
 */
import type { backend_util } from '@tensorflow/tfjs-core';
import type { GradientFlow } from '../../network/gradient-flow.ts';
import type { Network, OperationOf, ParameterReference } from '../../network/network.ts';
import { type Arena, giveBackArena, lendArena } from '../../wasm/arena.ts';
import type { Placement, WasmOperation } from '../../wasm/operation.ts';
import { convolution } from '../../wasm/operations/convolution.ts';
import { depthwiseConvolution } from '../../wasm/operations/depthwise-convolution.ts';

type Kind = 'convolution' | 'depthwise-convolution';

export interface BackwardPass {
  readonly kind: Kind;
  readonly sizes: backend_util.Conv2DInfo;
  readonly gradient: Float32Array;
  /** What the wanted gradient needs: that of the kernel the input, that of the input the kernel. */
  readonly wanted: { readonly kernelFrom: Float32Array } | { readonly inputFrom: Float32Array };
}

const INPUT = 0;
const OUTPUT = 1;
const KERNEL = 0;
const BIAS = 1;

/** Writes the gradient to `target`; false where these kernels do not know such a convolution, or cannot run. */
export function wroteBackwardPass(pass: BackwardPass, target: Float32Array): boolean {
  const { sizes } = pass;
  const isKnown =
    sizes.strideHeight === sizes.strideWidth &&
    sizes.dilationHeight === 1 &&
    sizes.dilationWidth === 1 &&
    (pass.kind === 'convolution' || sizes.inChannels === sizes.outChannels);
  return (
    isKnown &&
    (pass.kind === 'convolution' ? run(convolution, pass, target) : run(depthwiseConvolution, pass, target))
  );
}

function run<K extends Kind>(
  implementation: WasmOperation<K>,
  pass: BackwardPass,
  target: Float32Array,
): boolean {
  const { sizes, gradient, wanted } = pass;
  const operation = operationOf(pass) as OperationOf<K>;
  const network = networkOf(operation, sizes);
  const examples = sizes.batchSize;
  const inputSize = examples * sizes.inHeight * sizes.inWidth * sizes.inChannels;
  const taps = sizes.filterHeight * sizes.filterWidth;
  const kernelSize =
    taps * (pass.kind === 'convolution' ? sizes.inChannels * sizes.outChannels : sizes.inChannels);
  const { scratch } = implementation.memory(operation, network, examples);
  const places = placesOf({
    input: 4 * inputSize,
    gradient: 4 * gradient.length,
    kernel: 4 * kernelSize,
    result: 4 * Math.max(inputSize, kernelSize),
    bias: 4 * sizes.outChannels,
    scratch,
  });
  const arena = lendArena('relaxed', places.bytes);
  if (arena === null) return false;
  try {
    const { base } = arena;
    viewOf(arena, places.gradient, gradient.length).set(gradient);
    if ('kernelFrom' in wanted) viewOf(arena, places.input, inputSize).set(wanted.kernelFrom);
    else viewOf(arena, places.kernel, kernelSize).set(wanted.inputFrom);
    viewOf(arena, places.result, target.length).fill(0);
    const placement: Placement = {
      network,
      kernels: arena.kernels,
      examplesPerPass: examples,
      flow: flowOf(wanted),
      saved: 0,
      scratch: base + places.scratch,
      value: (id) => base + (id === INPUT ? places.input : places.gradient),
      gradient: (id) => base + (id === OUTPUT ? places.gradient : places.result),
      parameter: ({ offset }) => base + (offset === KERNEL ? places.kernel : places.bias),
      parameterGradient: ({ offset }) => base + (offset === KERNEL ? places.result : places.bias),
    };
    implementation.place(operation, placement).backward(examples);
    target.set(viewOf(arena, places.result, target.length));
    return true;
  } finally {
    giveBackArena(arena);
  }
}

function operationOf({ kind, sizes, wanted }: BackwardPass): OperationOf<Kind> {
  const store = (offset: number, isTrained: boolean): ParameterReference => ({
    store: isTrained ? 'trained' : 'frozen',
    offset,
  });
  const common = {
    input: INPUT,
    output: OUTPUT,
    window: {
      inputHeight: sizes.inHeight,
      inputWidth: sizes.inWidth,
      outputHeight: sizes.outHeight,
      outputWidth: sizes.outWidth,
      kernelHeight: sizes.filterHeight,
      kernelWidth: sizes.filterWidth,
      stride: sizes.strideHeight,
      paddingTop: sizes.padInfo.top,
      paddingLeft: sizes.padInfo.left,
    },
    kernel: store(KERNEL, 'kernelFrom' in wanted),
    bias: store(BIAS, false),
  };
  return kind === 'convolution' ? { kind, ...common, activation: 'linear' } : { kind, ...common };
}

function networkOf(operation: OperationOf<Kind>, sizes: backend_util.Conv2DInfo): Network {
  return {
    values: [
      { rows: sizes.inHeight * sizes.inWidth, width: sizes.inChannels },
      { rows: sizes.outHeight * sizes.outWidth, width: sizes.outChannels },
    ],
    operations: [operation],
    input: INPUT,
    logits: OUTPUT,
    trainedSize: 0,
    frozenSize: 0,
  };
}

function flowOf(wanted: BackwardPass['wanted']): GradientFlow {
  return { isNeeded: true, input: 'inputFrom' in wanted ? 'write' : 'none', other: 'none' };
}

type Places<Name extends string> = Readonly<Record<Name | 'bytes', number>>;

/** One after another, each at a multiple of 64 and readable beyond its end, as kernels want their operands. */
function placesOf<Name extends string>(sizes: Readonly<Record<Name, number>>): Places<Name> {
  let bytes = 0;
  const places = Object.entries<number>(sizes).map(([name, size]) => {
    const at = bytes;
    bytes += 64 * Math.ceil(size / 64) + 64;
    return [name, at] as const;
  });
  return { ...Object.fromEntries(places), bytes } as Places<Name>;
}

function viewOf({ memory, base }: Arena, offset: number, length: number): Float32Array {
  return new Float32Array(memory.buffer, base + offset, length);
}
