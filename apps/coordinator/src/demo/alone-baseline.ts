/** What a participant of the demo reaches alone: the same model, the same number of epochs, its own shard only. */
import { initialParameters, type TaskManifest, type Trainer } from '@tributary/fl-core';
import { DEMO_PARTICIPANTS, demoManifest, demoShard, demoValidationSet } from './demo-task.ts';

/** @returns accuracy on the validation set of the best of all who try alone, as a fraction */
export async function measureAloneBaseline(
  trainer: Trainer,
  options: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const manifest = demoManifest();
  const examples = demoValidationSet();
  let best = 0;
  for (let participant = 0; participant < DEMO_PARTICIPANTS; participant += 1) {
    const { parameters } = await trainer.train(
      {
        model: manifest.model,
        initial: initialParameters(manifest.model, manifest.seed),
        examples: demoShard(participant).training,
        training: { ...manifest.training, epochs: epochsOfRun(manifest) },
        seed: `alone/${participant}`,
      },
      options,
    );
    const { accuracy } = await trainer.evaluate({ model: manifest.model, parameters, examples }, options);
    best = Math.max(best, accuracy);
  }
  return best;
}

/** As many as a participant trains that is invited to every round of the run. */
function epochsOfRun({ rounds, training }: TaskManifest): number {
  return rounds.committedRounds * training.epochs;
}
