/** Hashes of what must be the same bits on every engine; run in Node and in a browser by `same-bits.spec.ts`. */
import {
  applyServerOptimiser,
  blobHashOf,
  createAggregator,
  encodeFrame,
  initialOptimiserState,
  initialParameters,
  type ModelSpec,
  type ParameterSet,
  parseManifest,
  plainSha256,
  sampleCohort,
  seededRandom,
  unitInterval,
} from '@tributary/fl-core';
import { clipToNorm } from '@tributary/privacy';
import { generateDigits } from '@tributary/simulation';

const MODEL: ModelSpec = { kind: 'mlp', inputSize: 784, hidden: [64], classes: 10 };
const MANIFEST = parseManifest({
  manifestVersion: 1,
  name: 'numerics',
  seed: 'numerics',
  model: MODEL,
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 1, reportGoal: 10, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'adam' } },
});

export function digests(): Record<string, string> {
  const initial = initialParameters(MODEL, 'numerics');
  const updates = Array.from({ length: 10 }, (_, i) => randomUpdate(initial, `update ${i}`));
  const clients = updates.map((_, i) => blobHashOf(Uint8Array.of(i)).slice(0, 32) as never);
  const digits = generateDigits({ seed: 'numerics', count: 50 });
  const norms = updates.map((update) => clipToNorm(update.values, 1));
  return {
    'initial model': hashOf(initial),
    'clipped update': hashOf(updates[0]!),
    'norms before clipping': blobHashOf(new Uint8Array(Float64Array.from(norms).buffer)),
    'next model': hashOf(aggregate(initial, updates)),
    'next model, other order': hashOf(aggregate(initial, [...updates].reverse())),
    cohort: sampleCohort(clients, { count: 5, seed: 'numerics' }).join(' '),
    'generated digits': blobHashOf(digits.images),
  };
}

function aggregate(initial: ParameterSet, updates: readonly ParameterSet[]): ParameterSet {
  const aggregator = createAggregator(MANIFEST, initial.shapes);
  for (const update of updates) aggregator.add(update, update.values[0]! > 0 ? 600 : 60);
  const spec = MANIFEST.aggregation.serverOptimiser;
  const state = initialOptimiserState(spec, initial.values.length);
  return applyServerOptimiser(spec, { parameters: initial, mean: aggregator.mean(), state }).parameters;
}

function randomUpdate(initial: ParameterSet, seed: string): ParameterSet {
  const random = seededRandom(seed);
  return { shapes: initial.shapes, values: initial.values.map(() => unitInterval(random) - 0.5) };
}

function hashOf(parameters: ParameterSet): string {
  return blobHashOf(encodeFrame(parameters, plainSha256));
}
