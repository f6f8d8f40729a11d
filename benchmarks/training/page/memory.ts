/** What training takes, against what the planner foretells, and whether it grows. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  frozenTensors,
  initialParameters,
  tensorSize,
} from '@tributary/fl-core';
import { networkOf, planMemory } from '@tributary/training/network';
import { openMeasuredBackend, randomExamples } from '@tributary/training/roofline';
import type { EngineName, MemoryUse } from './protocol.ts';
import { trackBytes } from './tracked-bytes.ts';

const BATCH = 8;

export async function memoryOf(
  name: EngineName,
  model: BuiltInModelSpec,
  steps: number,
): Promise<MemoryUse | null> {
  const tracked = trackBytes();
  const backend = await openMeasuredBackend(name);
  if ('reason' in backend) return null;
  const before = tracked.now();
  const spec = {
    network: networkOf(model),
    optimiser: { kind: 'sgd', learningRate: 0.05 },
    batchSize: BATCH,
    clipping: null,
    examplesPerPass: BATCH,
  } as const;
  const planned = planMemory({ ...spec, layout: backend.layout }, BATCH).bytes;
  const engine = await backend.engine(spec);
  const frozen = (frozenTensors(model) ?? []).reduce((sum, { shape }) => sum + tensorSize(shape), 0);
  engine.load(initialParameters(model, 'benchmark').values, [], new Float32Array(frozen));
  const examples = randomExamples(model, { count: BATCH, percentZeros: 0 });
  const batch = Int32Array.from({ length: BATCH }, (_, index) => index);
  engine.step(examples, batch, 1);
  await engine.takeLoss();
  const afterFirst = tracked.now();
  for (let step = 2; step <= steps; step += 1) {
    engine.step(examples, batch, step);
    if (step % 100 === 0) await engine.takeLoss();
  }
  await engine.takeLoss();
  const use = {
    planned,
    // Examples that were uploaded are the participant's data, whatever trains on it.
    tracked: tracked.most() - before - (name === 'webgpu' ? bytesOf(examples) : 0),
    grown: tracked.now() - afterFirst,
  };
  engine.dispose();
  backend.dispose();
  return use;
}

const bytesOf = ({ inputs, labels }: ExampleSet): number => inputs.byteLength + labels.byteLength;
