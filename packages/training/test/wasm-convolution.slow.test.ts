/** Convolution and pooling on the WebAssembly kernels against the definition in double precision. */
import { integerBelow, seededRandom, unitInterval } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import type { Window } from '../src/network/network.ts';
import { windowOf } from '../src/network/window.ts';
import {
  type ConvolutionSizes,
  convolutionScratchBytes,
  layOutConvolution,
} from '../src/wasm/convolution-kernels.ts';
import { distance, kernelBench } from './kernel-bench.ts';

const random = seededRandom('wasm convolution');

interface Case extends ConvolutionSizes {
  readonly name: string;
  readonly examples: number;
}
const CASES: Case[] = [
  caseOf({ height: 14, width: 14, kernel: 5, stride: 1, padding: 'same' }, 1, 1, 32),
  caseOf({ height: 6, width: 7, kernel: 5, stride: 1, padding: 'same' }, 2, 32, 24),
  caseOf({ height: 8, width: 8, kernel: 3, stride: 2, padding: 'same' }, 2, 64, 12),
  caseOf({ height: 2, width: 3, kernel: 5, stride: 1, padding: 'same' }, 2, 3, 5),
  caseOf({ height: 7, width: 9, kernel: 1, stride: 1, padding: 'valid' }, 3, 13, 1),
  caseOf({ height: 4, width: 3, kernel: 3, stride: 1, padding: 'same' }, 1, 400, 9),
  ...Array.from({ length: 20 }, () => {
    const kernel = anySize(6);
    const padding = integerBelow(random, 2) ? 'same' : 'valid';
    const smallest = padding === 'same' ? 1 : kernel;
    const height = smallest + integerBelow(random, 9);
    const width = smallest + integerBelow(random, 9);
    const sizes = { height, width, kernel, stride: anySize(3), padding } as const;
    return caseOf(sizes, anySize(3), anySize(12), anySize(12));
  }),
];

describe.each(CASES)('a convolution of $name', ({ examples, window, channels, filters }) => {
  const inputSize = window.inputHeight * window.inputWidth * channels;
  const outputSize = window.outputHeight * window.outputWidth * filters;
  const kernelSize = window.kernelHeight * window.kernelWidth * channels * filters;
  const x = numbers(examples * inputSize);
  const w = numbers(kernelSize);
  const b = numbers(filters);
  const sizes = { window, channels, filters };

  it.each([false, true])('adds the bias and rectifies as told (%s)', (rectify) => {
    const expected = Float64Array.from({ length: examples * outputSize }, (_, at) => b[at % filters]!);
    eachProduct(sizes, examples, (input, kernel, output) => {
      expected[output]! += x[input]! * w[kernel]!;
    });
    if (rectify) for (const [at, value] of expected.entries()) expected[at] = Math.max(value, 0);
    const results = [0, 1].map(() => {
      const { kernels, place, scratch, read, isGuarded } = kernelBench();
      const output = place(new Float32Array(examples * outputSize));
      const layout = scratch(convolutionScratchBytes(sizes));
      expect(layOutConvolution(kernels, sizes, layout)).toBe(layout + convolutionScratchBytes(sizes));
      kernels.convolutionForward(layout, examples, place(x), place(w), place(b), output, rectify);
      expect(isGuarded(output, examples * outputSize)).toBe(true);
      return read(output, examples * outputSize);
    });
    expect(distance(results[0]!, expected)).toBeLessThan(2e-6);
    expect(results[1]).toEqual(results[0]);
  });

  // Nearly nothing, as after max pooling, in between, and everywhere: the kernels differ.
  it.each([0.1, 0.45, 1])('has gradients where %f of the output gradient is not zero', (density) => {
    const g = numbers(examples * outputSize, density);
    const kernelBefore = numbers(kernelSize);
    const inputBefore = numbers(examples * inputSize);
    for (const add of [false, true]) {
      const kernelExpected = Float64Array.from(kernelBefore);
      const inputExpected = add ? Float64Array.from(inputBefore) : new Float64Array(examples * inputSize);
      eachProduct(sizes, examples, (input, kernel, output) => {
        kernelExpected[kernel]! += x[input]! * g[output]!;
        inputExpected[input]! += w[kernel]! * g[output]!;
      });
      const { kernels, place, scratch, read, isGuarded } = kernelBench();
      const layout = scratch(convolutionScratchBytes(sizes));
      const behind = place([]);
      layOutConvolution(kernels, sizes, layout);
      const kernelTarget = place(kernelBefore);
      const inputTarget = place(inputBefore);
      const [inputs, weights, errors] = [place(x), place(w), place(g)];
      kernels.convolutionBackward(layout, examples, inputs, weights, errors, kernelTarget, inputTarget, add);
      expect(isGuarded(kernelTarget, kernelSize)).toBe(true);
      expect(isGuarded(inputTarget, examples * inputSize)).toBe(true);
      expect(isGuarded(behind, 0)).toBe(true);
      expect(distance(read(kernelTarget, kernelSize), kernelExpected)).toBeLessThan(2e-6);
      expect(distance(read(inputTarget, examples * inputSize), inputExpected)).toBeLessThan(2e-6);

      kernels.convolutionBackward(layout, examples, inputs, weights, errors, 0, inputTarget, false);
      kernels.convolutionBackward(layout, examples, inputs, weights, errors, kernelTarget, 0, false);
      const once = add
        ? Float64Array.from(inputExpected, (value, at) => value - inputBefore[at]!)
        : inputExpected;
      const twice = Float64Array.from(kernelExpected, (value, at) => 2 * value - kernelBefore[at]!);
      expect(distance(read(kernelTarget, kernelSize), twice)).toBeLessThan(2e-6);
      expect(distance(read(inputTarget, examples * inputSize), once)).toBeLessThan(2e-6);
    }
  });
});

describe.each(CASES.filter(({ window }) => window.kernelHeight > 1))('pooling over $name', (one) => {
  const { examples, window, channels } = one;
  const inputSize = examples * window.inputHeight * window.inputWidth * channels;
  const outputSize = examples * window.outputHeight * window.outputWidth * channels;
  // Few different values: many of a window's highest are equal.
  const x = Float32Array.from({ length: inputSize }, () => integerBelow(random, 4) - 2);
  const g = numbers(outputSize);
  const before = numbers(inputSize);
  const { inputHeight, inputWidth, outputHeight, outputWidth } = window;
  const { kernelHeight, kernelWidth, stride, paddingTop, paddingLeft } = window;
  const image = [examples, inputHeight, inputWidth, channels, outputHeight, outputWidth] as const;
  const places = [kernelHeight, kernelWidth, stride, paddingTop, paddingLeft] as const;

  it('takes the highest, and gives the gradient to the first of equals', () => {
    const expected = new Float32Array(outputSize).fill(-Infinity);
    const winners = new Int32Array(outputSize);
    eachPixel(window, examples, (inputPixel, outputPixel) => {
      for (let channel = 0; channel < channels; channel += 1) {
        const to = outputPixel * channels + channel;
        const from = inputPixel * channels + channel;
        if (x[from]! <= expected[to]!) continue;
        expected[to] = x[from]!;
        winners[to] = from;
      }
    });
    for (const add of [false, true]) {
      const { kernels, place, read, isGuarded } = kernelBench();
      const input = place(x);
      const output = place(new Float32Array(outputSize));
      const target = place(before);
      kernels.maxPoolingForward(...image, ...places, input, output);
      kernels.maxPoolingBackward(...image, ...places, input, output, place(g), target, add);
      const gradient = Float64Array.from(add ? before : before.map(() => 0));
      for (const [at, from] of winners.entries()) gradient[from]! += g[at]!;
      expect(read(output, outputSize)).toEqual(expected);
      expect(isGuarded(output, outputSize) && isGuarded(target, inputSize)).toBe(true);
      expect(distance(read(target, inputSize), gradient)).toBeLessThan(2e-6);
    }
  });
});

/** Visits the input pixels of each output pixel's window in reading order. */
function eachPixel(
  window: Window,
  examples: number,
  visit: (inputPixel: number, outputPixel: number, place: number) => void,
): void {
  for (let pixel = 0; pixel < examples * window.outputHeight * window.outputWidth; pixel += 1) {
    const example = Math.floor(pixel / (window.outputHeight * window.outputWidth));
    const top = (Math.floor(pixel / window.outputWidth) % window.outputHeight) * window.stride;
    const left = (pixel % window.outputWidth) * window.stride;
    for (let place = 0; place < window.kernelHeight * window.kernelWidth; place += 1) {
      const y = top + Math.floor(place / window.kernelWidth) - window.paddingTop;
      const x = left + (place % window.kernelWidth) - window.paddingLeft;
      if (y < 0 || x < 0 || y >= window.inputHeight || x >= window.inputWidth) continue;
      visit((example * window.inputHeight + y) * window.inputWidth + x, pixel, place);
    }
  }
}

function eachProduct(
  { window, channels, filters }: ConvolutionSizes,
  examples: number,
  visit: (input: number, kernel: number, output: number) => void,
): void {
  eachPixel(window, examples, (inputPixel, outputPixel, place) => {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let filter = 0; filter < filters; filter += 1) {
        visit(
          inputPixel * channels + channel,
          (place * channels + channel) * filters + filter,
          outputPixel * filters + filter,
        );
      }
    }
  });
}

function caseOf(
  sizes: Parameters<typeof windowOf>[0],
  examples: number,
  channels: number,
  filters: number,
): Case {
  const { height, width, kernel, stride, padding } = sizes;
  const name = `${examples} of ${height}x${width}x${channels} by ${filters} filters of ${kernel}, stride ${stride}, ${padding}`;
  return { name, examples, window: windowOf(sizes), channels, filters };
}

function anySize(below: number): number {
  return 1 + integerBelow(random, below);
}

/** Uniform in -1..1; zero but for a share of `density`. */
function numbers(count: number, density = 1): Float32Array {
  return Float32Array.from({ length: count }, () =>
    unitInterval(random) < density ? 2 * unitInterval(random) - 1 : 0,
  );
}
