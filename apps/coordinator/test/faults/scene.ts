/** A run in which honest participants do their part while somebody else does what the row of the matrix says. */
import type { RunDetail, TaskManifest } from '@tributary/fl-core';
import {
  connect,
  type HandMadeUpdate,
  type MessageOf,
  type Participant,
  putUpdate,
  updateOf,
} from '../participant-driver.ts';
import { smallTask } from '../small-task.ts';
import type { HostedCoordinator, HostedRun } from './hosted-coordinator.ts';
import { type AcceptedUpdate, referenceModel } from './reference-model.ts';

export interface Scene {
  readonly host: HostedCoordinator;
  readonly run: HostedRun;
  readonly manifest: TaskManifest;
  readonly honest: readonly Participant[];
  /** Checked in like the others, and invited with them. */
  readonly hostile: Participant;
}

export interface SceneOptions {
  readonly honest?: number;
  readonly plan?: Partial<TaskManifest['rounds']>;
}

/** Everybody checks in before the launch, so that all are invited, however slow the machine. */
export async function openScene(
  host: HostedCoordinator,
  { honest: honestCount = 3, plan = {} }: SceneOptions = {},
): Promise<Scene> {
  const manifest = smallTask({
    committedRounds: 2,
    reportGoal: honestCount + 1,
    minimumSurvivors: honestCount,
    selectionSeconds: 1,
    trainingSeconds: 20,
    reportingSeconds: 20,
    rejoinSeconds: 1,
    ...plan,
  });
  const run = await host.createRun(manifest);
  const everybody = Array.from({ length: honestCount + 1 }, () => connect(host.url, run.ticket));
  for (const participant of everybody) participant.checkIn();
  for (const participant of everybody) await participant.next('admitted');
  await host.admin.post(`runs/${run.runId}/launch`);
  return { host, run, manifest, honest: everybody.slice(1), hostile: everybody[0]! };
}

export function closeScene({ honest, hostile }: Scene): void {
  for (const participant of [...honest, hostile]) participant.close();
}

/** What this participant contributes to this round: never the same twice, and exact in fixed point. */
export function honestUpdate(manifest: TaskManifest, index: number, roundNumber: number): HandMadeUpdate {
  return updateOf(manifest, (3 * index + roundNumber) / 64, 10 + index);
}

/** From the invitation to the granted upload. */
export async function untilGranted(
  participant: Participant,
  update: HandMadeUpdate,
): Promise<MessageOf<'uploadGranted'>> {
  const { roundNumber } = await participant.next('invited');
  participant.send({ type: 'ready', roundNumber, ...update.announcement });
  return participant.next('uploadGranted');
}

/** The honest take part in one round, and all of them must be in its sum. */
export async function playRound(
  { host, manifest }: Pick<Scene, 'host' | 'manifest'>,
  honest: readonly Participant[],
  roundNumber: number,
): Promise<AcceptedUpdate[]> {
  const updates = honest.map((_, index) => honestUpdate(manifest, index, roundNumber));
  await Promise.all(
    honest.map(async (participant, index) => {
      const { uploadTicket } = await untilGranted(participant, updates[index]!);
      const answer = await putUpdate(host.url, uploadTicket, updates[index]!.frame);
      if (!answer.ok) throw new Error(`an honest upload: ${answer.status} ${await answer.text()}`);
    }),
  );
  for (const participant of honest) {
    const committed = await participant.next('roundCommitted');
    if (committed.roundNumber !== roundNumber || !committed.accepted) {
      throw new Error(`round ${roundNumber}: an honest participant heard ${JSON.stringify(committed)}`);
    }
  }
  return updates.map(accepted);
}

export const accepted = ({ frame, announcement }: HandMadeUpdate): AcceptedUpdate => ({
  frame,
  exampleCount: announcement.exampleCount,
});

export interface Comparison {
  readonly actual: string;
  readonly expected: string;
  readonly detail: RunDetail;
}

/** The run's model beside the one that follows from these updates and no others. */
export async function compareModels(
  { host, run, manifest }: Pick<Scene, 'host' | 'run' | 'manifest'>,
  rounds: readonly (readonly AcceptedUpdate[])[],
): Promise<Comparison> {
  const detail = await host.admin.run(run.runId);
  const expected = rounds.reduce((model, updates) => model.after(updates), referenceModel(manifest));
  return { actual: detail.summary.modelHash, expected: expected.hash, detail };
}
