/**
 * Example by example and head by head: queries, keys and values of a head are copied together, and everything else is products
 * of small matrices. The weights of a forward pass are kept; they are what the backward pass needs most.
 */
import type { OperationOf } from '../../network/network.ts';
import type { WasmOperation } from '../operation.ts';

export const causalAttention: WasmOperation<'causal-attention'> = {
  memory: ({ output, heads }, { values }, examplesPerPass) => {
    const { rows, width } = values[output];
    const { bytes } = scratchOf(rows, width / heads);
    return { saved: weightBytes(rows) * heads * examplesPerPass, scratch: bytes };
  },
  place(
    operation: OperationOf<'causal-attention'>,
    { kernels, network, flow, saved, scratch, ...placement },
  ) {
    const { input, output, heads } = operation;
    const { rows, width } = network.values[output];
    const headWidth = width / heads;
    const factor = 1 / Math.sqrt(headWidth);
    const part = 4 * headWidth;
    const outputStride = 4 * width;
    const inputStride = 3 * outputStride;
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const offsets = scratchOf(rows, headWidth);
    const query = scratch + offsets.query;
    const key = scratch + offsets.key;
    const value = scratch + offsets.value;
    const result = scratch + offsets.result;
    const change = scratch + offsets.change;
    const weightGradient = scratch + offsets.weightGradient;

    const eachHead = (examples: number, visit: (at: HeadAddresses) => void): void => {
      for (let example = 0; example < examples; example += 1) {
        for (let head = 0; head < heads; head += 1) {
          visit({
            weights: saved + (example * heads + head) * weightBytes(rows),
            input: example * rows * inputStride + head * part,
            output: example * rows * outputStride + head * part,
          });
        }
      }
    };
    const gather = (from: number, stride: number, to: number): void =>
      kernels.copyColumns(rows, part, from, stride, to, part);
    const gatherInput = (from: number): void => {
      gather(inputs + from, inputStride, query);
      gather(inputs + from + outputStride, inputStride, key);
      gather(inputs + from + 2 * outputStride, inputStride, value);
    };
    const scatter = (from: number, to: number): void => {
      const write = flow.input === 'add' ? kernels.addColumns : kernels.copyColumns;
      write(rows, part, from, part, to, inputStride);
    };

    return {
      forward(examples) {
        eachHead(examples, (at) => {
          gatherInput(at.input);
          kernels.denseInputGradient(rows, rows, headWidth, query, key, at.weights, false);
          kernels.causalSoftmax(rows, factor, at.weights);
          kernels.denseForward(rows, rows, headWidth, at.weights, value, 0, result, false);
          kernels.copyColumns(rows, part, result, part, outputs + at.output, outputStride);
        });
      },
      backward(examples) {
        if (flow.input === 'none') return;
        const gradient = placement.gradient(output);
        const inputGradient = placement.gradient(input);
        eachHead(examples, (at) => {
          gatherInput(at.input);
          gather(gradient + at.output, outputStride, result);
          const target = inputGradient + at.input;
          kernels.clear(change, part * rows);
          kernels.denseKernelGradient(rows, rows, headWidth, at.weights, result, change);
          scatter(change, target + 2 * outputStride);
          kernels.denseInputGradient(rows, rows, headWidth, result, value, weightGradient, false);
          kernels.causalSoftmaxBackward(rows, factor, at.weights, weightGradient);
          kernels.denseForward(rows, rows, headWidth, weightGradient, key, 0, change, false);
          scatter(change, target);
          kernels.clear(change, part * rows);
          kernels.denseKernelGradient(rows, rows, headWidth, weightGradient, query, change);
          scatter(change, target + outputStride);
        });
      },
    };
  },
};

/** Addresses of one head of one example: its weights, and offsets into its values. */
interface HeadAddresses {
  readonly weights: number;
  readonly input: number;
  readonly output: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

const weightBytes = (rows: number): number => aligned(4 * rows * rows);

function scratchOf(rows: number, headWidth: number) {
  const matrix = aligned(4 * rows * headWidth);
  return {
    query: 0,
    key: matrix,
    value: 2 * matrix,
    result: 3 * matrix,
    change: 4 * matrix,
    weightGradient: 5 * matrix,
    // The kernels read up to 64 bytes beyond the last matrix.
    bytes: 5 * matrix + weightBytes(rows) + 64,
  };
}
