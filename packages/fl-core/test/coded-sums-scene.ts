/** Additive updates of a few members in every form that a plan can ask for. */
import type { RandomWords } from '@tributary/compression';
import {
  type AdditivePlan,
  additiveCode,
  additiveFrame,
  type BlobHash,
  blobHashOf,
  type ClientId,
  checkUpdate,
  openRoundSum,
  openRun,
  parseManifest,
  plainSha256,
  type RunId,
  roundCode,
  type SumEncoding,
  seededRandom,
  standardNormal,
  type TaskManifest,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { MODEL } from './rounds.ts';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'coded',
  seed: 'coded',
  model: { kind: 'mlp', inputSize: 12, hidden: [20, 16], classes: 4 },
  data: {
    kind: 'image',
    height: 3,
    width: 4,
    channels: 1,
    labels: ['a', 'b', 'c', 'd'],
  },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 2 },
  rounds: { committedRounds: 3, reportGoal: 6, overSelection: 1, minimumSurvivors: 3 },
  aggregation: { maximumWeight: 40, serverOptimiser: { kind: 'sgd' } },
};
export const SHAPES = [[12, 20], [20], [20, 16], [16], [16, 4], [4]];
export const LENGTH = SHAPES.reduce(
  (sum, shape) => sum + shape.reduce((product, one) => product * one, 1),
  0,
);
export const WEIGHTS = [40, 25, 40, 10, 33];
export const MEMBERS = WEIGHTS.map((_, i) => `${i + 1}`.repeat(32) as ClientId);

const SAMPLINGS = [
  { kind: 'all' },
  { kind: 'random-k', fraction: 0.3 },
  { kind: 'neurons', fraction: 0.5 },
  { kind: 'low-rank', rank: 3 },
] as const;
const ROUNDINGS = ['stochastic', 'dithered'] as const;
export const FEEDBACK = { mode: 'on', expiresAfterRounds: 5 } as const;

export type Form = Partial<TaskManifestInput['compression']> & object;
const FORMS: readonly Form[] = SAMPLINGS.flatMap((sampling) =>
  ROUNDINGS.flatMap((rounding) => [
    ...(['none', 'blocks', 'full'] as const).map((rotation) => ({
      ...{ codec: 'quantised' as const, valueBits: 12, bound: 1 },
      ...{ sampling, rotation, rounding },
    })),
    ...(['blocks', 'full'] as const).map((rotation) => ({
      ...{ codec: 'tuned' as const, ringBits: 16, firstNorm: 4 },
      ...{ sampling, rotation, rounding },
    })),
  ]),
);
const nameOf = (form: Form): string => {
  const { codec, sampling, rotation, rounding } = form as AdditivePlan;
  return `${codec}, ${sampling.kind}, rotation ${rotation}, ${rounding}`;
};
export const CASES = FORMS.map((form) => [nameOf(form), form] as const);

export const manifestOf = (compression: Form, more: Partial<TaskManifestInput> = {}): TaskManifest =>
  parseManifest({ ...MANIFEST, ...more, compression: compression as TaskManifestInput['compression'] });

/** As the run machine chooses it. */
export const encodingOf = (manifest: TaskManifest): SumEncoding | null =>
  openRun({ runId: 'run-a' as RunId, manifest, modelHash: MODEL }).tuning?.encoding ?? null;

export const roundOf = (manifest: TaskManifest, roundNumber = 1) =>
  roundCode({ runId: 'run-a' as RunId, roundNumber, modelHash: MODEL, encoding: encodingOf(manifest) });

export function deltaOf(member: number, round = 0): Float32Array {
  const random = seededRandom(`delta ${member} ${round}`);
  const common = seededRandom(`common ${round}`);
  return Float32Array.from(
    { length: LENGTH },
    () => 0.05 * (standardNormal(random) + standardNormal(common)),
  );
}

export const wordsOf = (seed: string): RandomWords => {
  const random = seededRandom(seed);
  return {
    fill(words) {
      for (let i = 0; i < words.length; i += 1) words[i] = random.nextUint32();
    },
  };
};

export function codesOf(manifest: TaskManifest, round = roundOf(manifest), salt = '', scale = 1) {
  return MEMBERS.map((clientId, i) => {
    const delta = deltaOf(i).map((value) => scale * value);
    const code = additiveCode(delta, {
      ...{ manifest, shapes: SHAPES, round, clientId },
      exampleCount: WEIGHTS[i]!,
      evaluation: null,
      random: wordsOf(`rounding ${i}${salt}`),
    });
    return { ...code, frame: additiveFrame(code.update, { manifest, shapes: SHAPES, round }) };
  });
}

export function summed(manifest: TaskManifest, frames: readonly Uint8Array[], round = roundOf(manifest)) {
  const sum = openRoundSum(manifest, SHAPES, round);
  for (const [i, frame] of frames.entries()) {
    const clientId = MEMBERS[i]!;
    const update = checkUpdate(frame, { manifest, shapes: SHAPES, round, clientId, sha256: plainSha256 });
    const updateHash = blobHashOf(frame) as BlobHash;
    sum.fold({ clientId, updateHash, exampleCount: null }, update);
  }
  return sum;
}

export const meanOf = (vectors: readonly ArrayLike<number>[]): Float64Array => {
  const weight = WEIGHTS.reduce((total, one) => total + one, 0);
  return Float64Array.from({ length: LENGTH }, (_, k) =>
    vectors.reduce((total, vector, i) => total + (WEIGHTS[i]! * vector[k]!) / weight, 0),
  );
};
export const distance = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Math.sqrt(Array.from(one).reduce((sum, value, i) => sum + (value - other[i]!) ** 2, 0));
export const norm = (vector: ArrayLike<number>): number => distance(vector, new Float64Array(vector.length));
