/**
 * P-restart: the real process is killed with SIGKILL at ten points of a round and started again on the same
 * folder. It goes on with the same round number and model hash, and ends with the model of the run that nobody
 * disturbed.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobHash, RunSummary } from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admin, type CoordinatorProcess, startProcess } from './coordinator-process.ts';
import { smallTask } from './small-task.ts';
import { type Moment, steadfastParticipant } from './steadfast-participant.ts';

const PARTICIPANTS = 3;
/** Everybody must be in every sum, or the models could not be compared. */
const MANIFEST = smallTask({
  committedRounds: 3,
  reportGoal: PARTICIPANTS,
  minimumSurvivors: PARTICIPANTS,
  rejoinSeconds: 30,
  trainingSeconds: 120,
  reportingSeconds: 120,
});

interface KillPoint {
  readonly name: string;
  readonly moment: Moment | 'launched';
  readonly roundNumber: number;
  /** How many participants must have come to the moment. */
  readonly times: number;
  /** The answer was under way when it died: it may have been the last of this round. */
  readonly mayHaveCommitted?: boolean;
}

const KILL_POINTS: readonly KillPoint[] = [
  { name: 'launched, nobody here yet', moment: 'launched', roundNumber: 1, times: 1 },
  { name: 'the second participant is admitted', moment: 'admitted', roundNumber: 1, times: 2 },
  { name: 'everybody is invited', moment: 'invited', roundNumber: 2, times: 3 },
  { name: 'the first is ready', moment: 'readySent', roundNumber: 2, times: 1 },
  { name: 'the last is ready, the cohort closes', moment: 'readySent', roundNumber: 2, times: 3 },
  { name: 'the first may upload', moment: 'uploadGranted', roundNumber: 2, times: 1 },
  { name: 'an upload is half sent', moment: 'uploadHalfSent', roundNumber: 2, times: 2 },
  { name: 'the first upload is acknowledged', moment: 'uploadAcknowledged', roundNumber: 2, times: 1 },
  {
    name: 'the last upload is on its way',
    moment: 'uploadSent',
    roundNumber: 2,
    times: 3,
    mayHaveCommitted: true,
  },
  {
    name: 'the last upload is acknowledged',
    moment: 'uploadAcknowledged',
    roundNumber: 2,
    times: 3,
    mayHaveCommitted: true,
  },
  {
    name: 'the round is committed',
    moment: 'roundCommitted',
    roundNumber: 2,
    times: 1,
    mayHaveCommitted: true,
  },
];

let undisturbed: Story;
const folders: string[] = [];

beforeAll(async () => {
  undisturbed = await tell(null);
}, 60_000);
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('kill -9', () => {
  test('the undisturbed run commits every round', () => {
    expect(undisturbed.outcomes).toEqual(['committed', 'committed', 'committed']);
    expect(new Set(undisturbed.models).size).toBe(3);
  });

  test.each(KILL_POINTS)(
    '[N-5] when $name: same round, same model, same end',
    async (point) => {
      const story = await tell(point);

      const before = { roundNumber: point.roundNumber, modelHash: startingModel(point.roundNumber) };
      const after = { roundNumber: point.roundNumber + 1, modelHash: startingModel(point.roundNumber + 1) };
      expect(point.mayHaveCommitted ? [before, after] : [before]).toContainEqual(story.resumedAt);
      expect(story.outcomes).toEqual(undisturbed.outcomes);
      expect(story.models).toEqual(undisturbed.models);
      expect(story.finalModel).toBe(undisturbed.finalModel);
    },
    60_000,
  );

  test('[D-6] no secret is in the folder or in what the process wrote', async () => {
    const story = await tell(KILL_POINTS[7]!);
    const kept = await contentOf(story.folder);
    for (const secret of story.secrets) {
      expect(story.output).not.toContain(secret);
      expect(kept.some((content) => content.includes(secret))).toBe(false);
    }
  }, 60_000);
});

interface Story {
  readonly folder: string;
  readonly resumedAt: { roundNumber: number; modelHash: BlobHash } | null;
  readonly outcomes: readonly string[];
  readonly models: readonly BlobHash[];
  readonly initialModel: BlobHash;
  readonly finalModel: BlobHash;
  readonly secrets: readonly string[];
  readonly output: string;
}

const startingModel = (roundNumber: number): BlobHash =>
  roundNumber === 1 ? undisturbed.initialModel : undisturbed.models[roundNumber - 2]!;

/** A run from its launch to its end, with one death at the given point. */
async function tell(point: KillPoint | null): Promise<Story> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kill-'));
  folders.push(folder);
  const first = await startProcess(folder);
  const token = first.operatorToken!;
  const created = (await admin(first.url, token).post('runs', {
    manifest: MANIFEST,
  })) as unknown as RunSummary;
  const { runId } = created;
  const { joinUrl } = (await admin(first.url, token).post(`runs/${runId}/invites`, {})) as {
    joinUrl: string;
  };
  const ticket = joinUrl.split('#ticket=')[1]!;
  await admin(first.url, token).post(`runs/${runId}/launch`);

  const seen = new Set<number>();
  const onMoment = (moment: Moment, index: number, roundNumber: number): void => {
    if (!point || moment !== point.moment || (roundNumber !== 0 && roundNumber !== point.roundNumber)) return;
    seen.add(index);
    if (seen.size === point.times) first.killNine();
  };
  const participants = Array.from({ length: PARTICIPANTS }, (_, index) =>
    steadfastParticipant({ index, ticket, manifest: MANIFEST, onMoment }),
  );
  if (point?.moment === 'launched') first.killNine();
  else for (const participant of participants) participant.connect(first.url);

  let last: CoordinatorProcess = first;
  let resumedAt: Story['resumedAt'] = null;
  if (point) {
    await first.ended;
    for (const participant of participants) participant.disconnect();
    last = await startProcess(folder, first.port);
    const { summary } = await admin(last.url, token).run(runId);
    resumedAt = { roundNumber: summary.roundNumber, modelHash: summary.modelHash };
    for (const participant of participants) participant.connect(last.url);
  }
  const [finalModel] = await Promise.all(participants.map((participant) => participant.ended));
  const detail = await admin(last.url, token).run(runId);
  for (const participant of participants) participant.disconnect();
  await last.stop();
  return {
    folder,
    resumedAt,
    outcomes: detail.rounds.map((round) => round.outcome),
    models: detail.rounds.map((round) => round.modelHash),
    initialModel: created.modelHash,
    finalModel: finalModel!,
    secrets: [token, ticket, ...participants.map((participant) => participant.identity.secret)],
    // The first start prints the operator token once, on stdout and on purpose; its log must not have it.
    output: logOf(first) + (last === first ? '' : last.output()),
  };
}

const logOf = (coordinator: CoordinatorProcess): string =>
  coordinator
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"level"'))
    .join('\n');

async function contentOf(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}
