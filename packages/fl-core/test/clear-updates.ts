/** Updates in every clear code, as members of one round send them. */
import { encodeClear } from '@tributary/compression';
import {
  type BlobHash,
  blobHashOf,
  type ClearPlan,
  type ClientId,
  checkUpdate,
  encodeCodedFrame,
  errorCodeOf,
  isClearCode,
  memberSeed,
  type ParameterSet,
  parseManifest,
  plainSha256,
  type RandomSource,
  type RunId,
  roundCode,
  seededRandom,
  standardNormal,
  type TaskManifest,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { SMALL_MANIFEST } from './manifests.ts';

export const SHAPES = [[20, 10], [10]];
const LENGTH = 210;
export const ROUND = roundCode({
  runId: 'run-one' as RunId,
  roundNumber: 3,
  modelHash: 'ab'.repeat(32) as BlobHash,
  encoding: null,
});

export const CODES = [
  { codec: 'eden', bits: 2 },
  { codec: 'eden', bits: 3, adaptive: true, fraction: 0.5 },
  { codec: 'codebook', bits: 3 },
  { codec: 'top-k', fraction: 0.1 },
  { codec: 'top-k', fraction: 0.1, warmUpRounds: 10, feedback: { mode: 'on' } },
  { codec: 'truncated', mantissaBits: 4 },
  { codec: 'power-sgd', rank: 2 },
] as const satisfies readonly TaskManifestInput['compression'][];

export const manifestWith = (
  compression: TaskManifestInput['compression'],
  more: Partial<TaskManifestInput> = {},
): TaskManifest => parseManifest({ ...SMALL_MANIFEST, compression, ...more });

function planOf({ compression }: TaskManifest): ClearPlan {
  if (!isClearCode(compression)) throw new Error('not a clear code');
  return compression;
}

export const clientOf = (index: number) => String(index).padStart(32, '0') as ClientId;

export function normalDelta(seed: string, scale = 0.1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: LENGTH }, () => scale * standardNormal(random));
}

export function coded(values: Float32Array, manifest: TaskManifest, index = 0) {
  const random = seededRandom(`chances-${index}`);
  const compression = planOf(manifest);
  const { bytes, decoded } = encodeClear(values, compression, {
    shapes: SHAPES,
    seed: memberSeed(ROUND.seed, clientOf(index)),
    random: wordsOf(random),
    roundNumber: 3,
    committedRounds: 2,
    feedback: null,
  });
  return { frame: encodeCodedFrame(bytes, { compression, shapes: SHAPES }), decoded };
}

const wordsOf = (random: RandomSource) => ({
  fill(words: Uint32Array) {
    for (let i = 0; i < words.length; i += 1) words[i] = random.nextUint32();
  },
});

export function check(frame: Uint8Array, manifest: TaskManifest, index = 0): ParameterSet {
  const update = checkUpdate(frame, {
    ...{ manifest, shapes: SHAPES, round: ROUND, clientId: clientOf(index), sha256: plainSha256 },
    announced: { updateHash: blobHashOf(frame), updateBytes: frame.length },
  });
  if (!('values' in update)) throw new Error('not floats');
  return update;
}

export const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return errorCodeOf(error);
  }
  return 'none';
};

/** Cut, lengthened, or with bytes changed. */
export function damage(frame: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
  const below = (limit: number) => random.nextUint32() % limit;
  switch (below(4)) {
    case 0:
      return frame.subarray(0, below(frame.length));
    case 1:
      return new Uint8Array([...frame, ...Array.from({ length: 1 + below(9) }, () => below(256))]);
    case 2:
      return frame.map((byte, i) => (i >= 12 && below(8) === 0 ? below(256) : byte));
    default: {
      const changed = frame.slice();
      changed[below(changed.length)] = below(256);
      return changed;
    }
  }
}
