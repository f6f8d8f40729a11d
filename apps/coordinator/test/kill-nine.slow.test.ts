/**
 * P-restart: the real process is killed with SIGKILL at every step of the write path, and at what participants see of
 * it, and is started again on the same folder. One run for each seed: one death after another, in an order of its own,
 * with updates of its own. No round is lost, every acknowledged update is counted once, and each model is bit for bit
 * the one that follows from the accepted updates.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type BlobHash,
  type CodedRound,
  compressionPlanSchema,
  encodeFrame,
  isClearCode,
  memberSeed,
  parameterShapes,
  type RunId,
  type RunSummary,
  readClearUpdate,
  roundSeed,
  seededRandom,
  shuffle,
  type TaskManifest,
} from '@tributary/fl-core';
import { afterAll, describe, expect, test } from 'vitest';
import { nativeSha256 } from '../src/native-sha256.ts';
import { admin, type CoordinatorProcess, startProcess } from './coordinator-process.ts';
import { type AcceptedUpdate, referenceModel } from './faults/reference-model.ts';
import { accepted } from './faults/scene.ts';
import { dice } from './fuzz/generate.ts';
import { handMadeIdentity } from './hand-made-identity.ts';
import { smallTask } from './small-task.ts';
import { type Moment, steadfastParticipant, steadfastUpdate } from './steadfast-participant.ts';

const PARTICIPANTS = 3;

/** What the process does; seen by `faults/write-path.cjs`, which kills it there. In the order of a round. */
const STEPS: readonly { readonly step: string; readonly most: number; readonly what: string }[] = [
  { step: 'before state saved: cohortClosed', most: 1, what: 'the roster is not yet durable' },
  { step: 'state saved: cohortClosed', most: 1, what: 'the roster is durable, nobody was granted an upload' },
  { step: 'update opened', most: 6, what: 'an upload has a file and no byte in it' },
  { step: 'update written', most: 6, what: 'bytes of an upload are written and not yet durable' },
  { step: 'update synced', most: 3, what: 'the bytes are durable, their name is not' },
  { step: 'update named', most: 3, what: 'the blob is there, the row is not' },
  {
    step: 'before update read',
    most: 3,
    what: 'an update is about to be checked, or read again for its sum',
  },
  { step: 'before state saved: reporting 1', most: 1, what: 'an update is checked and not counted' },
  { step: 'state saved: reporting 1', most: 1, what: 'the first is counted and not acknowledged' },
  { step: 'state saved: reporting 2', most: 1, what: 'the second is counted and not acknowledged' },
  { step: 'before state saved: aggregating', most: 1, what: 'the last is not counted' },
  { step: 'state saved: aggregating', most: 1, what: 'all are counted, nothing is folded' },
  { step: 'model opened', most: 2, what: 'the next model, or the optimiser, has a file' },
  { step: 'model synced', most: 2, what: 'its bytes are durable, its name is not' },
  { step: 'model named', most: 2, what: 'the model is there, the record is not' },
  { step: 'before round recorded', most: 1, what: 'the transaction of the record has begun' },
  { step: 'contribution recorded', most: 3, what: 'some contributions are recorded' },
  { step: 'before record committed', most: 1, what: 'everything but the commit' },
  { step: 'record committed', most: 1, what: 'the record is durable, nobody has heard of it' },
  { step: 'before update deleted', most: 3, what: 'updates of the last round are still there' },
  { step: 'update deleted', most: 3, what: 'some of them are gone' },
];

/** What participants see of it. */
const MOMENTS: readonly { readonly moment: Moment | 'started'; readonly most: number }[] = [
  { moment: 'started', most: 1 },
  { moment: 'admitted', most: 3 },
  { moment: 'invited', most: 3 },
  { moment: 'readySent', most: 3 },
  { moment: 'uploadGranted', most: 3 },
  { moment: 'uploadHalfSent', most: 3 },
  { moment: 'uploadSent', most: 3 },
  { moment: 'uploadAcknowledged', most: 3 },
  { moment: 'roundCommitted', most: 3 },
];

type Death = { readonly times: number } & (
  | { readonly step: string; readonly moment?: undefined }
  | { readonly moment: Moment | 'started'; readonly step?: undefined }
);

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** They happen at the same steps, seen from further away: a third of them with each seed. */
const MOMENTS_PER_SEED = 3;
const DEATHS = STEPS.length + MOMENTS_PER_SEED;
/** A death costs at most two rounds, most cost one; those that are left over are undisturbed. */
const ROUNDS = Math.ceil(1.5 * DEATHS);
const MANIFEST = smallTask({
  committedRounds: ROUNDS,
  // Everybody must be in every sum, or the models could not be compared.
  reportGoal: PARTICIPANTS,
  minimumSurvivors: PARTICIPANTS,
  rejoinSeconds: 60,
  trainingSeconds: 300,
  reportingSeconds: 300,
});
/** The same with updates in a code that depends on round and sender; fewer seeds, since the steps are the same. */
const CODED = { ...MANIFEST, compression: compressionPlanSchema.parse({ codec: 'eden', bits: 2 }) };
const CODED_SEEDS = [12, 13];
const RECOVERY_SECONDS = 10;
const WRITE_PATH = fileURLToPath(new URL('./faults/write-path.cjs', import.meta.url));

const folders: string[] = [];
let deaths = 0;
let slowestRecoveryMs = 0;
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  console.log(
    `kill -9: ${STEPS.length} steps x ${SEEDS.length + CODED_SEEDS.length} seeds, and ${MOMENTS.length} moments; ${deaths} deaths, ` +
      `slowest recovery ${(slowestRecoveryMs / 1000).toFixed(1)} s with five coordinators at once`,
  );
});

describe.concurrent('kill -9', () => {
  test('the undisturbed run has the models that follow from its updates', { timeout: 300_000 }, async () => {
    const story = await tell({ seed: 0, manifest: MANIFEST }, []);
    expect(story.outcomes).toEqual(Array(ROUNDS).fill('committed'));
    expect(story.models).toEqual(expectedModels({ seed: 0, manifest: MANIFEST }, story));
    expect(new Set(story.models).size).toBe(ROUNDS);
  });

  test.for([
    ...SEEDS.map((seed) => ({ seed, manifest: MANIFEST, form: 'as floats' })),
    ...CODED_SEEDS.map((seed) => ({ seed, manifest: CODED, form: 'in a clear code' })),
  ])(
    '[N-5] [D-4] [D-6] at every step of the write path, seed $seed, updates $form: same round, same models, each update counted once, no secret kept',
    { timeout: 600_000 },
    async ({ seed, manifest }) => {
      const story = await tell({ seed, manifest }, deathsInOrder(seed));
      const models = expectedModels({ seed, manifest }, story);
      expect(story.reached).toEqual(deathsInOrder(seed).map(nameOf));
      expect(story.outcomes).toEqual(Array(ROUNDS).fill('committed'));
      expect(story.models).toEqual(models);
      expect(story.finalModel).toBe(models.at(-1));
      // Nobody ever heard of a model that was then lost, or acknowledged what was then not counted.
      for (const { committed, acknowledged } of story.participants) {
        for (const [roundNumber, hash] of committed) expect(hash).toBe(models[roundNumber - 1]);
        expect(Math.max(...acknowledged)).toBeLessThanOrEqual(ROUNDS);
      }
      expect(story.acceptedUpdates).toEqual(Array(PARTICIPANTS).fill(ROUNDS));
      await expectNoSecretIn(story);
    },
  );
});

describe('kill -9, alone', () => {
  test('[N-5] the next round is committed within ten seconds of the restart', {
    timeout: 120_000,
  }, async () => {
    const fate: Death = { step: 'state saved: reporting 2', times: 2 };
    const { recoveriesMs } = await tell({ seed: 11, manifest: MANIFEST }, [fate, fate, fate]);
    // The best of three: what it needs, and not what else this machine has to do.
    expect(Math.min(...recoveriesMs)).toBeLessThan(RECOVERY_SECONDS * 1000);
  });
});

function deathsInOrder(seed: number): Death[] {
  const roll = dice(`kill -9 ${seed}`);
  const all: Death[] = [
    ...STEPS.map(({ step, most }) => ({ step, times: 1 + roll.below(most) })),
    ...Array.from({ length: MOMENTS_PER_SEED }, (_, i) => {
      const { moment, most } = MOMENTS[(seed * MOMENTS_PER_SEED + i) % MOMENTS.length]!;
      return { moment, times: 1 + roll.below(most) };
    }),
  ];
  return shuffle(all, seededRandom(`order of deaths ${seed}`));
}

const nameOf = ({ step, moment, times }: Death): string => `${step ?? moment} x ${times}`;

/** Whoever came first, and however often it was done again. */
function expectedModels({ seed, manifest }: Plot, { runId }: Story): BlobHash[] {
  const models: BlobHash[] = [];
  let model = referenceModel(manifest);
  for (let roundNumber = 1; roundNumber <= ROUNDS; roundNumber += 1) {
    const round = { runId, roundNumber, modelHash: model.hash };
    const updates = Array.from({ length: PARTICIPANTS }, (_, index) =>
      asFloats(accepted(steadfastUpdate(manifest, { index, seed, ...round })), { manifest, index, round }),
    );
    model = model.after(updates);
    models.push(model.hash);
  }
  return models;
}

/** What the reference sums: the floats that a code stands for. */
function asFloats(
  update: AcceptedUpdate,
  { manifest, index, round }: { manifest: TaskManifest; index: number; round: CodedRound },
): AcceptedUpdate {
  const { compression, model } = manifest;
  if (!isClearCode(compression)) return update;
  const { clientId } = handMadeIdentity(`steadfast ${index}`);
  const plan = { compression, shapes: parameterShapes(model), seed: memberSeed(roundSeed(round), clientId) };
  return { ...update, frame: encodeFrame(readClearUpdate(update.frame, plan), nativeSha256) };
}

/** What happens besides the deaths. */
interface Plot {
  readonly seed: number;
  readonly manifest: TaskManifest;
}

interface Story {
  readonly folder: string;
  readonly runId: RunId;
  readonly reached: readonly string[];
  /** From each restart to the first committed round that somebody heard of, where there was one in that life. */
  readonly recoveriesMs: readonly number[];
  readonly outcomes: readonly string[];
  readonly models: readonly BlobHash[];
  readonly finalModel: BlobHash;
  readonly acceptedUpdates: readonly number[];
  readonly participants: readonly {
    readonly committed: ReadonlyMap<number, BlobHash>;
    readonly acknowledged: ReadonlySet<number>;
  }[];
  readonly secrets: readonly string[];
  readonly output: string;
}

/** A run from its launch to its end, with these deaths on the way. */
async function tell({ seed, manifest }: Plot, fates: readonly Death[]): Promise<Story> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kill-'));
  folders.push(folder);
  const roll = dice(`pace ${seed}`);
  const first = await startProcess(folder);
  const token = first.operatorToken!;
  const { runId } = (await admin(first.url, token).post('runs', {
    manifest,
  })) as unknown as RunSummary;
  const { joinUrl } = (await admin(first.url, token).post(`runs/${runId}/invites`, {})) as {
    joinUrl: string;
  };
  const ticket = joinUrl.split('#ticket=')[1]!;
  await admin(first.url, token).post(`runs/${runId}/launch`);
  await first.stop();

  let onMoment: (moment: Moment, index: number) => void = () => {};
  const participants = Array.from({ length: PARTICIPANTS }, (_, index) =>
    steadfastParticipant({
      index,
      ticket,
      manifest,
      seed,
      dawdle: () => delay(roll.below(15)),
      onMoment(moment, who) {
        noteRecovery(moment);
        onMoment(moment, who);
      },
    }),
  );
  // They connect once, and find the way back by themselves after each death.
  for (const participant of participants) participant.connect(first.url);

  const reached: string[] = [];
  const output = [logOf(first)];
  const recoveriesMs: number[] = [];
  let startedAt = 0;
  const noteRecovery = (moment: Moment): void => {
    if (moment !== 'roundCommitted' || startedAt === 0) return;
    recoveriesMs.push(performance.now() - startedAt);
    startedAt = 0;
  };
  const live = async (fate: Death | null): Promise<CoordinatorProcess | null> => {
    // The first start is no recovery.
    startedAt = reached.length === 0 ? 0 : performance.now();
    try {
      return await startProcess(folder, first.port, deadlyAt(fate));
    } catch (error) {
      // Steps of the write path are also taken while starting: sweeping, going on with a sum.
      if (!String(error).includes('killed at: ')) throw error;
      return null;
    }
  };
  for (const fate of fates) {
    const seen = new Set<number>();
    let isDoomed = false;
    const life = await live(fate);
    if (life) {
      onMoment = (moment, who) => {
        if (moment !== fate.moment || isDoomed) return;
        seen.add(who);
        if (seen.size < fate.times) return;
        isDoomed = true;
        life.killNine();
      };
      if (fate.moment === 'started') life.killNine();
      await Promise.race([life.ended, tooLate(nameOf(fate), life)]);
      onMoment = () => {};
      output.push(life.output());
    }
    deaths += 1;
    reached.push(nameOf(fate));
  }
  const last = (await live(null))!;
  const [finalModel] = await Promise.all(participants.map(({ ended }) => ended));
  const detail = await admin(last.url, token).run(runId);
  for (const participant of participants) participant.disconnect();
  await last.stop();
  output.push(last.output());
  slowestRecoveryMs = Math.max(slowestRecoveryMs, ...recoveriesMs);
  const acceptedBy = new Map(detail.participants.map((row) => [row.label, row.acceptedUpdates]));
  return {
    folder,
    runId,
    reached,
    recoveriesMs,
    outcomes: detail.rounds.map((round) => round.outcome),
    models: detail.rounds.map((round) => round.modelHash),
    finalModel: finalModel!,
    acceptedUpdates: participants.map(({ identity }) => acceptedBy.get(identity.clientId.slice(0, 8)) ?? 0),
    participants,
    secrets: [token, ticket, ...participants.map(({ identity }) => identity.secret)],
    output: output.join('\n'),
  };
}

function deadlyAt(fate: Death | null): Parameters<typeof startProcess>[2] {
  if (fate?.step === undefined) return {};
  return { preload: [WRITE_PATH], env: { TRIBUTARY_KILL_AT: `${fate.step}#${fate.times}` } };
}

const PATIENCE_MS = 60_000;

async function tooLate(point: string, life: CoordinatorProcess): Promise<never> {
  await delay(PATIENCE_MS, null, { ref: false });
  throw new Error(`never came to "${point}": ${life.output().slice(-3000)}`);
}

/** The first start prints the operator token once, on stdout and on purpose; its log must not have it. */
const logOf = (coordinator: CoordinatorProcess): string =>
  coordinator
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"level"'))
    .join('\n');

/** Neither in the log of any life, nor in any file at the end. */
async function expectNoSecretIn({ folder, secrets, output }: Story): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const kept = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
  for (const secret of secrets) {
    expect(output).not.toContain(secret);
    expect(kept.some((content) => content.includes(secret))).toBe(false);
  }
}
