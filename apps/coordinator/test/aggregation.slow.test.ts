/** The aggregation thread: whatever arrives in whatever order, whatever is refused, whenever it dies. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyServerOptimiser,
  type BlobHash,
  blobHashOf,
  type ClientId,
  createAggregator,
  decodeFrame,
  encodeFrame,
  encodeOptimiserState,
  initialOptimiserState,
  initialParameters,
  parameterShapes,
  type RoundCode,
  type RunId,
  seededRandom,
  shuffle,
  unitInterval,
} from '@tributary/fl-core';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openAggregation, planRules } from '../src/aggregation/aggregation.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import { openDirectoryUpdateStore } from '../src/storage/directory-update-store.ts';
import { openMemoryUpdateStore } from '../src/storage/memory-update-store.ts';
import type { UpdateStore } from '../src/storage/update-store.ts';
import { smallTask } from './small-task.ts';

const MANIFEST = smallTask({ reportGoal: 6 });
const ROUND: RoundCode = { seed: new Uint8Array(32), encoding: null };
const RULES = { ...planRules(MANIFEST), round: ROUND };
const SHAPES = parameterShapes(MANIFEST.model);
const MODEL = encodeFrame(initialParameters(MANIFEST.model, MANIFEST.seed), nativeSha256);

const folder = await mkdtemp(join(tmpdir(), 'tributary-aggregation-'));
const aggregation = openAggregation();
afterAll(async () => {
  await aggregation.close();
  await rm(folder, { recursive: true, force: true });
});

interface Update {
  readonly clientId: ClientId;
  readonly updateHash: BlobHash;
  readonly updateBytes: number;
  readonly exampleCount: number;
  readonly frame: Uint8Array;
}

function updateNumber(index: number, seed: string): Update {
  const random = seededRandom(`${seed}/${index}`);
  const values = Float32Array.from({ length: 10 }, () => 60 * (unitInterval(random) - 0.5));
  return announced(index, encodeFrame({ shapes: SHAPES, values }, nativeSha256));
}

function announced(index: number, frame: Uint8Array): Update {
  return {
    clientId: String(index).padStart(32, '0') as ClientId,
    updateHash: blobHashOf(frame, nativeSha256),
    updateBytes: frame.length,
    exampleCount: 3 + index,
    frame,
  };
}

async function store(updates: UpdateStore, upload: Update): Promise<void> {
  const file = await updates.open(upload, 0);
  await file.append([upload.frame]);
  await file.close();
}

/** The plain way: all of them at the end, one after another. */
function modelFrom(survivors: readonly Update[]) {
  const aggregator = createAggregator(MANIFEST, SHAPES);
  for (const { frame, exampleCount } of survivors) {
    aggregator.add(decodeFrame(frame, { sha256: nativeSha256 }), exampleCount);
  }
  const spec = MANIFEST.aggregation.serverOptimiser;
  const next = applyServerOptimiser(spec, {
    parameters: decodeFrame(MODEL, { sha256: nativeSha256 }),
    mean: aggregator.mean(),
    state: initialOptimiserState(spec, 10),
  });
  return {
    model: blobHashOf(encodeFrame(next.parameters, nativeSha256)),
    optimiser: blobHashOf(encodeOptimiserState(next.state)),
  };
}

/** What becomes of one arrival. */
type Fate = 'accepted' | 'refused by the rules' | 'undecided when the round closes' | 'not folded on arrival';
const FATES: readonly Fate[] = [
  'accepted',
  'accepted',
  'refused by the rules',
  'undecided when the round closes',
  'not folded on arrival',
];

let round = 0;

async function playRound(
  updates: UpdateStore,
  { seed, fates, deaths }: { seed: string; fates: readonly Fate[]; deaths: ReadonlySet<number> },
) {
  round += 1;
  const sum = { runId: 'run-fold' as RunId, roundNumber: round };
  const all = fates.map((_, index) => updateNumber(index, seed));
  for (const index of shuffle([...all.keys()], seededRandom(seed))) {
    const candidate = all[index]!;
    const fate = fates[index]!;
    await store(updates, candidate);
    if (fate !== 'not folded on arrival') {
      const checked = await aggregation.check({
        sum,
        rules: RULES,
        candidate,
        at: updates.locateUpload(candidate),
      });
      if (fate === 'accepted') checked.fold();
      if (fate === 'refused by the rules') checked.drop();
      if (fate === 'undecided when the round closes') undecided.push(checked.fold);
    }
    await updates.keep(candidate);
    if (deaths.has(index)) await aggregation.kill();
  }
  const survivors = all.filter((_, index) => fates[index] !== 'refused by the rules');
  const next = await finished({
    sum,
    rules: RULES,
    survivors: survivors.map((update) => ({ ...update, at: updates.locate(update.updateHash) })),
    model: { bytes: MODEL },
    optimiser: null,
    unmasking: null,
  });
  for (const fold of undecided.splice(0)) fold();
  aggregation.forget(sum);
  return { made: { model: next.model.hash, optimiser: next.optimiser.hash }, expected: modelFrom(survivors) };
}

const undecided: (() => void)[] = [];

async function finished(question: Parameters<typeof aggregation.finish>[0]) {
  const answer = await aggregation.finish(question);
  if (answer.kind !== 'next') throw new Error('no model was made');
  return answer;
}

describe('the aggregation thread', () => {
  test.each([
    ['files', () => openDirectoryUpdateStore(folder)],
    ['memory', async () => openMemoryUpdateStore()],
  ] as const)(
    '[A-6] any order, refusals, deaths of the thread: the model is that of the survivors, each once (%s)',
    async (_, open) => {
      const updates = await open();
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            seed: fc.string(),
            fates: fc
              .array(fc.constantFrom(...FATES), { minLength: 2, maxLength: 6 })
              .filter((fates) => fates.some((fate) => fate !== 'refused by the rules')),
            deaths: fc
              .uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 1 })
              .map((list) => new Set(list)),
          }),
          async (scenario) => {
            const { made, expected } = await playRound(updates, scenario);
            expect(made).toEqual(expected);
          },
        ),
        { numRuns: 40 },
      );
    },
    60_000,
  );

  test('[A-6] a sum that holds somebody who is no survivor is made anew', async () => {
    const updates = openMemoryUpdateStore();
    round += 1;
    const sum = { runId: 'run-fold' as RunId, roundNumber: round };
    const [one, two] = [updateNumber(1, 'anew'), updateNumber(2, 'anew')];
    for (const candidate of [one, two]) {
      await store(updates, candidate);
      const at = updates.locateUpload(candidate);
      (await aggregation.check({ sum, rules: RULES, candidate, at })).fold();
      await updates.keep(candidate);
    }
    const next = await finished({
      sum,
      rules: RULES,
      survivors: [{ ...two, at: updates.locate(two.updateHash) }],
      model: { bytes: MODEL },
      optimiser: null,
      unmasking: null,
    });
    expect(next.model.hash).toBe(modelFrom([two]).model);
  });

  test('[A-5] says what is wrong, and holds nothing of it', async () => {
    const sum = { runId: 'run-fold' as RunId, roundNumber: 1_000_000 };
    const good = updateNumber(1, 'good');
    const check = (candidate: Update, bytes: Uint8Array) =>
      aggregation.check({ sum, rules: RULES, candidate, at: { bytes } });
    await expect(check(good, new Uint8Array(good.updateBytes))).rejects.toMatchObject({
      code: 'update-hash-mismatch',
    });
    await expect(check(good, good.frame.subarray(1))).rejects.toMatchObject({ code: 'frame-length' });
    const notFinite = announced(
      2,
      encodeFrame({ shapes: SHAPES, values: new Float32Array(10).fill(Number.NaN) }, nativeSha256),
    );
    await expect(check(notFinite, notFinite.frame)).rejects.toMatchObject({ code: 'update-not-finite' });
    await expect(
      aggregation.finish({
        sum,
        rules: RULES,
        survivors: [{ ...good, at: { path: join(folder, 'nothing') } }],
        model: { bytes: MODEL },
        optimiser: null,
        unmasking: null,
      }),
    ).rejects.toMatchObject({ code: 'blob-missing' });
  });

  test('an update that rotted on disk is not summed', async () => {
    const sum = { runId: 'run-fold' as RunId, roundNumber: 1_000_001 };
    const [good, other] = [updateNumber(1, 'good'), updateNumber(1, 'other')];
    const survivors = [{ ...good, at: { bytes: other.frame } }];
    const finish = aggregation.finish({
      sum,
      rules: RULES,
      survivors,
      model: { bytes: MODEL },
      optimiser: null,
      unmasking: null,
    });
    await expect(finish).rejects.toMatchObject({ code: 'blob-corrupt' });
  });

  test('a refused update gives its room back: the next check does not wait for it', async () => {
    const large = smallTask();
    const sum = { runId: 'run-large' as RunId, roundNumber: 1 };
    const candidate = { ...updateNumber(1, 'large'), updateBytes: 20 * 1024 * 1024 };
    const check = () =>
      aggregation.check({
        sum,
        rules: { ...planRules(large), round: ROUND },
        candidate,
        at: { bytes: candidate.frame },
      });
    await expect(check()).rejects.toMatchObject({ code: 'frame-length' });
    // The budget came back with the refusal.
    await expect(check()).rejects.toMatchObject({ code: 'frame-length' });
  });

  test('the first model is the one of its seed', async () => {
    const { hash, bytes } = await aggregation.initialModel(MANIFEST);
    expect(Buffer.from(bytes).equals(MODEL)).toBe(true);
    expect(hash).toBe(blobHashOf(MODEL));
    expect(Buffer.from(await aggregation.read(hash, { bytes })).equals(MODEL)).toBe(true);
    await expect(aggregation.read('0'.repeat(64) as BlobHash, { bytes })).rejects.toMatchObject({
      code: 'blob-corrupt',
    });
  });
});
