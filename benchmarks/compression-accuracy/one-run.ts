/** One run of one code with one seed: how the model got better, and every byte of it. */
import { createHash } from 'node:crypto';
import { loadScenarioData } from '@tributary/coordinator/dist/data-files/scenario-dataset.js';
import { nativeSha256 } from '@tributary/coordinator/dist/native-sha256.js';
import { openNodeCrypto } from '@tributary/coordinator/dist/secure-sum/node-crypto.js';
import type { ExampleSet, Trainer } from '@tributary/fl-core';
import { gatherExamples, parseScenario, type ScenarioInput, simulate } from '@tributary/simulation';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';

export interface RunRequest {
  readonly scenario: ScenarioInput;
  /** Folder of the scenario's data files. */
  readonly data: string | undefined;
  readonly validationExamples: number;
}

export interface RunFigures {
  /** After each committed round. */
  readonly accuracy: readonly number[];
  readonly abandonedRounds: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Of all committed rounds. */
  readonly acceptedUpdates: number;
  readonly invitations: number;
  readonly seconds: number;
}

/** Names a run by all that it depends on, but the code that runs it. */
export function runKey({ scenario, validationExamples }: RunRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([scenario, validationExamples]))
    .digest('hex')
    .slice(0, 16);
}

interface Dataset {
  readonly train: ExampleSet;
  readonly validation: ExampleSet;
}

const kept: { datasets: Map<string, Dataset>; trainer?: Trainer } = { datasets: new Map() };

export async function oneRun(request: RunRequest): Promise<RunFigures> {
  const scenario = parseScenario(request.scenario);
  const { train, validation } = await datasetOf(request);
  kept.trainer ??= createEngineTrainer(threadEngines());
  const started = performance.now();
  let acceptedUpdates = 0;
  let invitations = 0;
  const result = await simulate(scenario, {
    trainer: kept.trainer,
    dataset: { train, validation: firstOf(validation, request.validationExamples) },
    sha256: nativeSha256,
    crypto: openNodeCrypto(),
    onRound: ({ survivors, invited }) => {
      acceptedUpdates += survivors;
      invitations += invited;
    },
  });
  const { abandonedRounds, bytesUp, bytesDown } = result;
  return {
    accuracy: result.accuracy.map((accuracy) => accuracy!),
    ...{ abandonedRounds, bytesUp, bytesDown, acceptedUpdates, invitations },
    seconds: (performance.now() - started) / 1000,
  };
}

/** The same for all seeds when it comes from files. */
async function datasetOf({ scenario, data }: RunRequest): Promise<Dataset> {
  const parsed = parseScenario(scenario);
  const key = parsed.dataset.kind === 'mnist' ? 'mnist' : `${JSON.stringify(parsed.dataset)} ${parsed.seed}`;
  const known = kept.datasets.get(key);
  if (known) return known;
  const warn = (message: string) => process.stderr.write(`${message}\n`);
  const loaded = await loadScenarioData(parsed, { folder: data, warn });
  kept.datasets.clear();
  kept.datasets.set(key, loaded);
  return loaded;
}

function firstOf(examples: ExampleSet, count: number): ExampleSet {
  if (count >= examples.count) return examples;
  return gatherExamples(
    examples,
    Int32Array.from({ length: count }, (_, index) => index),
  );
}
