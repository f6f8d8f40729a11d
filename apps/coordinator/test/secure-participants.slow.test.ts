/**
 * Secure sums between the real coordinator, in a process of its own, and real participants: it is killed whenever they
 * are in a stage of a round, they are closed like tabs and come back, and each round still ends as it should.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParticipationActivity, RunId, RunSummary, TaskManifest } from '@tributary/fl-core';
import {
  createMemoryStorage,
  createParticipant,
  createPlainDeviceKey,
  type Participant,
  type SecureSumReport,
} from '@tributary/participant';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { afterEach, describe, expect, test } from 'vitest';
import { admin, type CoordinatorProcess, startProcess } from './coordinator-process.ts';
import { secureTask } from './small-task.ts';

type Phase = ParticipationActivity['phase'];
/** Of a tab in a round with secure aggregation, once it has trained. */
const PHASES: readonly Phase[] = ['offering', 'sharing', 'masking', 'uploading', 'confirming', 'revealing'];

let life: CoordinatorProcess | null = null;
let everybody: Player[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const { participant } of everybody) await participant.dispose();
  everybody = [];
  await life?.stop();
  life = null;
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

interface Player {
  participant: Participant;
  readonly reports: SecureSumReport[];
  readonly faults: string[];
}

interface Scene {
  readonly folder: string;
  readonly port: number;
  readonly token: string;
  readonly runId: RunId;
  /** The device of this number, in a page of its own. */
  enter: (index: number) => Player;
  /** Each time a participant enters a phase of a round. */
  onPhase: (phase: Phase, index: number, roundNumber: number) => void;
}

async function open(manifest: TaskManifest, count: number): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-secure-participants-'));
  folders.push(folder);
  life = await startProcess(folder);
  const { url, port } = life;
  const token = life.operatorToken!;
  const { post } = admin(url, token);
  const { runId } = (await post('runs', { manifest })) as unknown as RunSummary;
  const { joinUrl } = (await post(`runs/${runId}/invites`, {})) as { joinUrl: string };
  const ticket = joinUrl.split('#ticket=')[1]!;
  const scene = { folder, port, token, runId, onPhase: () => {} } as Omit<Scene, 'enter'> as Scene;
  scene.enter = (index) => enter(scene, { index, url, ticket, manifest });
  everybody = Array.from({ length: count }, (_, index) => scene.enter(index));
  for (const { participant } of everybody) await participant.start();
  await expect
    .poll(async () => (await admin(url, token).run(runId)).summary.present, { timeout: 20_000 })
    .toBe(count);
  await post(`runs/${runId}/launch`);
  return scene;
}

function enter(
  scene: Scene,
  { index, url, ticket, manifest }: { index: number; url: string; ticket: string; manifest: TaskManifest },
): Player {
  const inputs = Float32Array.from({ length: 40 }, (_, i) => ((i * (index + 3)) % 7) / 7);
  const labels = Int32Array.from({ length: 10 }, (_, i) => (i + index) % 2);
  const examples = { count: 10, inputShape: [4], inputs, labels, labelsPerExample: 1 };
  const secret = new Uint8Array(32).fill(index + 1);
  const participant = createParticipant({
    coordinatorUrl: url,
    runId: scene.runId,
    manifest,
    ticket,
    trainer: createEngineTrainer(threadEngines()),
    data: {
      exampleCount: async () => examples.count,
      trainingExamples: async () => examples,
      heldOutExamples: async () => examples,
    },
    storage: { ...createMemoryStorage(), deviceKey: () => createPlainDeviceKey(secret) },
    secureSum: { minimumCohort: 3 },
  });
  const player: Player = { participant, reports: [], faults: [] };
  let before: Phase = 'offline' as Phase;
  participant.on('state', ({ participation: { activity } }) => {
    if (activity.phase === before) return;
    before = activity.phase;
    if ('roundNumber' in activity) scene.onPhase(activity.phase, index, activity.roundNumber);
  });
  participant.on('secureSum', (report) => player.reports.push(report));
  participant.on('error', ({ code }) => player.faults.push(code));
  return player;
}

const roundsOf = async ({ token, runId }: Scene) => (await admin(life!.url, token).run(runId)).rounds;

describe('real participants', () => {
  test('[N-5] [D-12] a coordinator that is killed while they are in any stage goes on with all of them', {
    timeout: 300_000,
  }, async () => {
    const manifest = secureTask(
      {
        committedRounds: PHASES.length + 1,
        minimumSurvivors: 6,
        rejoinSeconds: 60,
        trainingSeconds: 120,
        reportingSeconds: 120,
        comeBackSeconds: 1,
      },
      120,
    );
    const killed: string[] = [];
    const scene = await open(manifest, 6);
    let restarting: Promise<void> = Promise.resolve();
    scene.onPhase = (phase, _, roundNumber) => {
      const doomed = PHASES[killed.length];
      if (phase !== doomed || roundNumber <= killed.length) return;
      killed.push(phase);
      const dying = life!;
      dying.killNine();
      restarting = restarting.then(async () => {
        await dying.ended;
        life = await startProcess(scene.folder, scene.port);
      });
    };
    await expect
      .poll(
        () => everybody.every(({ participant }) => participant.view.participation.activity.phase === 'ended'),
        {
          timeout: 240_000,
          interval: 200,
        },
      )
      .toBe(true);
    await restarting;
    expect(killed).toEqual(PHASES);
    const rounds = await roundsOf(scene);
    expect(rounds.map(({ outcome, accepted, reason }) => ({ outcome, accepted, reason }))).toEqual(
      Array(PHASES.length + 1).fill({ outcome: 'committed', accepted: 6, reason: null }),
    );
    // Accuracy came with the sums, and is there although nobody said it.
    for (const { participantAccuracy } of rounds) expect(participantAccuracy).toBeGreaterThanOrEqual(0);
    for (const { reports } of everybody) {
      expect(reports.filter(({ stage }) => stage === 'refused' || stage === 'lost')).toEqual([]);
      expect(reports.at(-1)).toMatchObject({ group: { cohort: 6, survivors: 6, graph: 'complete' } });
    }
  });

  test('[D-12] one whose page is closed in any stage is lost to that round only, and the others commit', {
    timeout: 300_000,
  }, async () => {
    const manifest = secureTask(
      { committedRounds: PHASES.length + 1, rejoinSeconds: 2, trainingSeconds: 30, comeBackSeconds: 1 },
      20,
    );
    const closed: { readonly phase: Phase; readonly roundNumber: number }[] = [];
    const scene = await open(manifest, 6);
    scene.onPhase = (phase, index, roundNumber) => {
      const last = closed.at(-1)?.roundNumber ?? 0;
      if (index !== 0 || phase !== PHASES[closed.length] || roundNumber <= last) return;
      closed.push({ phase, roundNumber });
      const { participant } = everybody[0]!;
      void participant.dispose().then(async () => {
        // The same device, and nothing of what was in the memory of its page.
        everybody[0] = scene.enter(0);
        await everybody[0].participant.start();
      });
    };
    await expect
      .poll(() => everybody[1]!.participant.view.participation.activity.phase, {
        timeout: 240_000,
        interval: 200,
      })
      .toBe('ended');
    expect(closed.map(({ phase }) => phase)).toEqual(PHASES);
    const rounds = await roundsOf(scene);
    expect(rounds.map(({ outcome }) => outcome)).toEqual(Array(rounds.length).fill('committed'));
    for (const { phase, roundNumber } of closed) {
      // What was uploaded counts, whatever became of its owner.
      const isIn = phase === 'confirming' || phase === 'revealing';
      const accepted = rounds.find((round) => round.roundNumber === roundNumber)!.accepted;
      // It may come back before the cohort closes, and then trains again; or its last byte may be on its way.
      if (phase === 'offering' || phase === 'uploading') expect([5, 6]).toContain(accepted);
      else expect({ phase, accepted }).toEqual({ phase, accepted: isIn ? 6 : 5 });
    }
  });
});
