/** The best backend that can train this model here, with the reason against each better one. */
import type { BackendName, ModelSpec, Trainer } from '@tributary/fl-core';
import type { BackendOptions, Candidate } from './candidate.ts';
import { openResilientTrainer, unavailable } from './resilient-trainer.ts';
import type { LocalTrainerPorts } from './trainer-ports.ts';

export interface BackendChoice extends BackendOptions {
  /** Takes this backend or fails; a software adapter is then taken too. */
  readonly prefer?: BackendName;
}

/**
 * Built-in models train on engines of our own, uploaded ones on tfjs.
 * @throws TributaryError `backend-unavailable` when no backend, or not the preferred one, can train this model
 */
export async function openBestTrainer(
  model: ModelSpec,
  choice: BackendChoice,
  ports: LocalTrainerPorts,
): Promise<Trainer> {
  const { prefer } = choice;
  const options = prefer === undefined ? choice : { ...choice, allowSoftwareAdapter: true };
  const all = await candidatesFor(model, options, ports);
  const candidates = prefer === undefined ? all : all.filter(({ name }) => name === prefer);
  if (candidates.length === 0)
    throw unavailable([{ name: prefer!, reason: `trains no ${model.kind} model` }]);
  return openResilientTrainer(candidates, ports);
}

/** Imported late: who trains a built-in model never loads tfjs, and who trains on tfjs none of our kernels. */
async function candidatesFor(
  model: ModelSpec,
  options: BackendOptions,
  { selfTests, threads }: LocalTrainerPorts,
): Promise<readonly Candidate[]> {
  if (model.kind === 'layers') return (await import('./tfjs-candidates.ts')).tfjsCandidates(model, options);
  return (await import('./engine-candidates.ts')).engineCandidates(model, options, { selfTests, threads });
}
