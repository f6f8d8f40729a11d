/** The product's trainer in a worker of its own, on one thread and on two, in turns: the page must be cross-origin isolated. */
import { initialParameters } from '@tributary/fl-core';
import { createWorkerTrainer } from '@tributary/training/client';
import { examplesOf, LEARNING_RATE, modelOf, type Workload } from '../workload.ts';
import type { ThreadTimes } from './protocol.ts';

export async function timeThreads(workload: Workload, turns: number, epochs: number): Promise<ThreadTimes[]> {
  const model = modelOf(workload);
  const initial = initialParameters(model, 'benchmark');
  const examples = examplesOf(workload);
  const training = {
    optimiser: { kind: 'sgd', learningRate: LEARNING_RATE },
    epochs,
    batchSize: workload.batch,
    maximumExamples: examples.count,
  } as const;
  const contenders = await Promise.all(
    [1, 2].map(async (maximumThreads) => {
      const worker = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });
      const trainer = await createWorkerTrainer(worker, { model, prefer: 'wasm', maximumThreads });
      return { trainer, maximumThreads, secondsPerExample: [] as number[] };
    }),
  );
  const train = async ({ trainer }: (typeof contenders)[number]): Promise<number> => {
    const { seconds } = await trainer.train({ model, initial, examples, training, seed: 'benchmark' });
    return seconds / (epochs * examples.count);
  };
  for (const contender of contenders) await train(contender);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const contender of contenders) contender.secondsPerExample.push(await train(contender));
  }
  return Promise.all(
    contenders.map(async ({ trainer, maximumThreads, secondsPerExample }) => {
      const { adapter } = trainer.backend;
      await trainer.dispose();
      return { maximumThreads, adapter, secondsPerExample };
    }),
  );
}
