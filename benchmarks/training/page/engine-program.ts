/** The bare step loop of one of our engines. */
import { initialParameters } from '@tributary/fl-core';
import { networkOf } from '@tributary/training/network';
import { openMeasuredBackend } from '@tributary/training/roofline';
import type { CannotTrain, Program } from '../program.ts';
import { batchesOf, examplesOf, LEARNING_RATE, modelOf, type Workload } from '../workload.ts';
import { countDispatches } from './dispatches.ts';
import type { EngineName } from './protocol.ts';

export async function openEngine(name: EngineName, workload: Workload): Promise<Program | CannotTrain> {
  const dispatches = countDispatches();
  const backend = await openMeasuredBackend(name);
  if ('reason' in backend) return backend;
  const spec = modelOf(workload);
  const engine = await backend.engine({
    network: networkOf(spec),
    optimiser: { kind: 'sgd', learningRate: LEARNING_RATE },
    batchSize: workload.batch,
    clipping: null,
    examplesPerPass: workload.batch,
  });
  engine.load(initialParameters(spec, 'benchmark').values, [], new Float32Array());
  const examples = examplesOf(workload);
  const batches = batchesOf(workload);
  let done = 0;
  return {
    async run(steps) {
      const started = performance.now();
      for (let step = 0; step < steps; step += 1) {
        engine.step(examples, batches[done % batches.length]!, done + 1);
        done += 1;
      }
      const loss = await engine.takeLoss();
      const seconds = (performance.now() - started) / 1000;
      if (!Number.isFinite(loss)) throw new Error(`${name} has no loss any more`);
      return seconds;
    },
    async close() {
      engine.dispose();
      backend.dispose();
      return dispatches() === 0 ? {} : { dispatchesPerStep: Math.round(dispatches() / done) };
    },
  };
}
