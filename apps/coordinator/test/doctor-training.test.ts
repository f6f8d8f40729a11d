import type { BackendMeasurement } from '@tributary/training/roofline';
import { expect, it } from 'vitest';
import { adviceOn } from '../src/commands/doctor-training.ts';

const backend = (name: BackendMeasurement['name'], shareOfBound: number): BackendMeasurement => ({
  name,
  adapter: '',
  ceilings: { flopsPerSecond: 1e9, bytesPerSecond: 1e9 },
  kernels: [
    {
      kind: 'dense',
      model: 'mlp',
      pass: 'forward',
      work: { flops: 1, bytes: 1 },
      seconds: 1,
      shareOfBound,
    },
  ],
  models: [],
});
const QUIET = { load: 0.1, cores: 2 };

it('has nothing to say about a quiet machine whose kernels are near their bounds', () => {
  expect(adviceOn({ backends: [backend('wasm', 0.8)], missing: [] }, QUIET)).toEqual(['nothing to do']);
});

it('names what is missing with a remedy, what is slow, and a busy machine', () => {
  const advice = adviceOn(
    {
      backends: [backend('wasm', 0.05), backend('reference', 0.01)],
      missing: [{ name: 'webgpu', reason: 'WebGPU is not available here' }],
    },
    { load: 3, cores: 2 },
  ).join('\n');
  expect(advice).toContain('webgpu: WebGPU is not available here; measure it in a browser');
  expect(advice).toContain('other programs were busy');
  expect(advice).toContain('wasm: dense of mlp stay below a tenth');
  expect(advice).not.toContain('reference: dense');
});

it('says so when only plain TypeScript trains here', () => {
  expect(adviceOn({ backends: [backend('reference', 0.1)], missing: [] }, QUIET)).toEqual([
    expect.stringContaining('only plain TypeScript trains here'),
  ]);
});
