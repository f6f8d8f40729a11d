/**
 * P-restart for secure sums: the real process is killed with SIGKILL at every durable step of a secure round and at what
 * members see of each stage, and started again on the same folder. Members keep their sessions, as tabs that stay open do:
 * no round is lost, and each model is bit for bit that of the clear sum.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BlobHash, RunSummary } from '@tributary/fl-core';
import { afterAll, describe, expect, test } from 'vitest';
import { admin, type CoordinatorProcess, startProcess } from './coordinator-process.ts';
import { dice } from './fuzz/generate.ts';
import { type Stage, secureMember } from './secure-member.ts';
import { secureReference } from './secure-reference.ts';
import { secureTask } from './small-task.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const WRITE_PATH = fileURLToPath(new URL('./faults/write-path.cjs', import.meta.url));

/** What the process does, seen by `faults/write-path.cjs`, in the order of a round; how often it does so, at most. */
const STEPS: readonly { readonly step: string; readonly most: number }[] = [
  { step: 'before state saved: cohortClosed', most: 1 },
  { step: 'state saved: cohortClosed', most: 1 },
  { step: 'before state saved: sharing', most: 1 },
  { step: 'state saved: sharing', most: 1 },
  { step: 'before sealed shares kept', most: 6 },
  { step: 'sealed shares kept', most: 6 },
  { step: 'state saved: reporting 0', most: 1 },
  { step: 'update written', most: 6 },
  { step: 'update named', most: 6 },
  { step: 'before update read', most: 6 },
  { step: 'state saved: reporting 1', most: 1 },
  { step: 'before state saved: confirming', most: 1 },
  { step: 'state saved: confirming', most: 1 },
  { step: 'before state saved: unmasking', most: 1 },
  { step: 'state saved: unmasking', most: 1 },
  { step: 'before state saved: aggregating', most: 1 },
  { step: 'state saved: aggregating', most: 1 },
  { step: 'model opened', most: 2 },
  { step: 'model named', most: 2 },
  { step: 'before round recorded', most: 1 },
  { step: 'before record committed', most: 1 },
  { step: 'record committed', most: 1 },
  { step: 'before sealed shares deleted', most: 1 },
  { step: 'sealed shares deleted', most: 1 },
];
/** Before members do what they do in each stage. */
const MOMENTS: readonly Stage[] = ['offer', 'seal', 'mask', 'upload', 'confirm', 'reveal'];

type Death = { readonly times: number } & (
  | { readonly step: string; readonly moment?: undefined }
  | { readonly moment: Stage; readonly step?: undefined }
);
const SEEDS = [1, 2];
const DEATHS = STEPS.length + MOMENTS.length;
const ROUNDS = Math.ceil(1.5 * DEATHS);
const MANIFEST = secureTask(
  {
    committedRounds: ROUNDS,
    // Everybody must be in every sum, or the models could not be compared.
    minimumSurvivors: NAMES.length,
    rejoinSeconds: 60,
    trainingSeconds: 300,
    reportingSeconds: 300,
  },
  300,
);

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe.concurrent('kill -9 in a secure round', () => {
  test.for(SEEDS)(
    '[N-5] [D-13] at every durable step and every stage, seed %i: same rounds, same models, nothing secret kept',
    { timeout: 600_000 },
    async (seed) => {
      const fates = deathsInOrder(seed);
      const story = await tell(fates);
      expect(story.reached).toEqual(fates.map(nameOf));
      expect(story.outcomes).toEqual(Array(ROUNDS).fill('committed'));
      expect(story.models).toEqual(expectedModels());
      for (const committed of story.heard)
        for (const [roundNumber, hash] of committed) expect(hash).toBe(story.models[roundNumber - 1]);
      await expectNoSecretIn(story);
    },
  );
});

function deathsInOrder(seed: number): Death[] {
  const roll = dice(`kill -9, secure, ${seed}`);
  const all: Death[] = [
    ...STEPS.map(({ step, most }) => ({ step, times: 1 + roll.below(most) })),
    ...MOMENTS.map((moment) => ({ moment, times: 1 + roll.below(NAMES.length) })),
  ];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = roll.below(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

const nameOf = ({ step, moment, times }: Death): string => `${step ?? moment} x ${times}`;

function expectedModels(): BlobHash[] {
  const models: BlobHash[] = [];
  let model = secureReference(MANIFEST);
  for (let round = 0; round < ROUNDS; round += 1) {
    model = model.after(NAMES);
    models.push(model.hash);
  }
  return models;
}

interface Story {
  readonly folder: string;
  readonly reached: readonly string[];
  readonly outcomes: readonly string[];
  readonly models: readonly BlobHash[];
  readonly heard: readonly ReadonlyMap<number, BlobHash>[];
  readonly secrets: readonly string[];
  readonly log: string;
}

async function tell(fates: readonly Death[]): Promise<Story> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kill-secure-'));
  folders.push(folder);
  const first = await startProcess(folder);
  const token = first.operatorToken!;
  const post = admin(first.url, token).post;
  const { runId } = (await post('runs', { manifest: MANIFEST })) as unknown as RunSummary;
  const { joinUrl } = (await post(`runs/${runId}/invites`, {})) as { joinUrl: string };
  await post(`runs/${runId}/launch`);
  await first.stop();

  let onMoment: (stage: Stage, who: string) => void = () => {};
  const members = NAMES.map((name) =>
    secureMember({
      name,
      runId,
      ticket: joinUrl.split('#ticket=')[1]!,
      manifest: MANIFEST,
      conduct: {
        before(stage) {
          onMoment(stage, name);
          return true;
        },
      },
    }),
  );
  // They connect once, and find the way back by themselves after each death.
  for (const member of members) member.connect(first.url);

  const reached: string[] = [];
  const logs: string[] = [];
  const live = async (fate: Death | null): Promise<CoordinatorProcess | null> => {
    const deadly = fate?.step === undefined ? {} : { preload: [WRITE_PATH], env: killedAt(fate) };
    try {
      return await startProcess(folder, first.port, deadly);
    } catch (error) {
      // Steps are also taken while starting: tidying, going on with a sum.
      if (!String(error).includes('killed at: ')) throw error;
      return null;
    }
  };
  for (const fate of fates) {
    const seen = new Set<string>();
    const life = await live(fate);
    if (life) {
      onMoment = (stage, who) => {
        if (stage !== fate.moment || seen.size >= fate.times) return;
        seen.add(who);
        if (seen.size === fate.times) life.killNine();
      };
      await Promise.race([life.ended, tooLate(nameOf(fate), life)]);
      onMoment = () => {};
      logs.push(life.output());
    }
    reached.push(nameOf(fate));
  }
  const last = (await live(null))!;
  await Promise.all(members.map(({ ended }) => ended));
  const { rounds } = await admin(last.url, token).run(runId);
  for (const member of members) member.disconnect();
  await last.stop();
  logs.push(last.output());
  return {
    folder,
    reached,
    outcomes: rounds.map(({ outcome }) => outcome),
    models: rounds.map(({ modelHash }) => modelHash),
    heard: members.map(
      ({ outcomes }) =>
        new Map(
          [...outcomes].flatMap(([round, outcome]) =>
            outcome.type === 'roundCommitted' ? [[round, outcome.modelHash] as const] : [],
          ),
        ),
    ),
    secrets: members.flatMap(({ secrets }) => secrets),
    log: logs.join('\n'),
  };
}

const killedAt = ({ step, times }: Death): Record<string, string> => ({
  TRIBUTARY_KILL_AT: `${step}#${times}`,
});

const PATIENCE_MS = 90_000;

async function tooLate(point: string, life: CoordinatorProcess): Promise<never> {
  await delay(PATIENCE_MS, null, { ref: false });
  life.killNine();
  throw new Error(`never came to "${point}": ${life.output().slice(-3000)}`);
}

/** Neither in the log of any life, nor in any file at the end; in whatever form bytes are written here. */
async function expectNoSecretIn({ folder, secrets, log }: Story): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const kept = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
  const all = Buffer.concat([...kept, Buffer.from(log)]);
  expect(secrets.length).toBeGreaterThan(ROUNDS * NAMES.length);
  for (const secret of new Set(secrets)) {
    const raw = Buffer.from(secret, 'hex');
    for (const form of [raw, secret, raw.toString('base64')]) expect(all.includes(form)).toBe(false);
  }
}
