import { expect, it } from 'vitest';
import { kernelProbes, workOf } from '../src/roofline/kernel-probes.ts';
import { openReferenceBackend } from '../src/roofline/reference-backend.ts';
import { attainable, shareOfBound } from '../src/roofline/roofline.ts';
import { openWasmBackend } from '../src/roofline/wasm-backend.ts';
import { compiledKernels, heapBaseOf, instantiateKernels } from '../src/wasm/kernels.ts';

const CEILINGS = { flopsPerSecond: 100, bytesPerSecond: 20 };

it('bounds a kernel by the memory below the ridge and by the arithmetic above it', () => {
  // Williams et al. 2009, figure 1: the ridge is where both ceilings meet, here at 5 operations a byte.
  expect(attainable(CEILINGS, 1)).toBe(20);
  expect(attainable(CEILINGS, 5)).toBe(100);
  expect(attainable(CEILINGS, 50)).toBe(100);
});

it('gives the share of that bound that a kernel reaches, also when it only moves bytes', () => {
  expect(shareOfBound(CEILINGS, { flops: 50, bytes: 1 }, 1)).toBe(0.5);
  expect(shareOfBound(CEILINGS, { flops: 10, bytes: 10 }, 2)).toBe(0.25);
  expect(shareOfBound(CEILINGS, { flops: 0, bytes: 10 }, 1)).toBe(0.5);
});

it('counts parameters once for all examples of a call', () => {
  const dense = kernelProbes().find(({ model, network, index }) => {
    return model === 'mlp' && network.operations[index]!.kind === 'dense';
  })!;
  const parameters = 784 * 200 + 200;
  expect(workOf(dense.forward, 32)).toEqual({
    flops: 32 * 2 * 784 * 200,
    bytes: 4 * (32 * (784 + 200) + parameters),
  });
  // The gradient of its output and its input are read; the gradient of its parameters is read and written.
  expect(workOf(dense.backward!, 32).bytes).toBe(4 * (32 * (200 + 784) + 3 * parameters));
});

it('measures every kind of operation that does anything', () => {
  const kinds = new Set(kernelProbes().map(({ network, index }) => network.operations[index]!.kind));
  expect([...kinds].sort()).toEqual([
    'average-pooling',
    'causal-attention',
    'convolution',
    'dense',
    'depthwise-convolution',
    'embedding',
    'gated-recurrence',
    'layer-normalisation',
    'max-pooling',
    'sum',
  ]);
});

it.each([
  ['WebAssembly', () => openWasmBackend('strict')!],
  ['plain TypeScript', openReferenceBackend],
])('each of them runs alone on %s, forwards and backwards', (_, open) => {
  const backend = open();
  for (const probe of kernelProbes().filter(({ forward }) => forward.flops < 1e6)) {
    expect(() => backend.forward(probe).run(1)).not.toThrow();
    if (probe.backward) expect(() => backend.backward(probe).run(1)).not.toThrow();
  }
  backend.dispose();
});

it('the kernels behind the ceilings do what they are timed for', () => {
  const compiled = compiledKernels('strict')!;
  const memory = new WebAssembly.Memory({ initial: 2 });
  const kernels = instantiateKernels(compiled, memory);
  const base = heapBaseOf(compiled);
  const [x, y, target] = [0, 1, 2].map((index) => new Float32Array(memory.buffer, base + index * 64, 8));
  x!.set([1, 2, 3, 4, 5, 6, 7, 8]);
  y!.fill(2);
  kernels.triad(8, 1.5, base, base + 64, base + 128);
  expect([...target!]).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);

  const chains = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3];
  const after = (start: number): number => {
    let value = Math.fround(start);
    for (let round = 0; round < 7; round += 1) {
      value = Math.fround(Math.fround(value * Math.fround(0.999)) + Math.fround(0.001));
    }
    return value;
  };
  // Two of the four equal lanes.
  const expected = 2 * chains.reduce((sum, start) => sum + after(start), 0);
  expect(kernels.multiplyAddPeak(7)).toBeCloseTo(expected, 4);
});
