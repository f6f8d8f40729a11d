/** Many participants of one run that check in and then wait, as in a run that has not begun. */
import type { TaskManifestInput } from '@tributary/fl-core';
import type { LoadedCoordinator } from './coordinator.ts';
import { joinAsParticipant, type LightParticipant } from './light-participant.ts';

/** More than ever come: the run stays in selecting, and nobody is invited. */
const NEVER_ENOUGH = 100_000;
/** Joins under way at a time: about what a listening socket holds back by itself (its backlog is 511). */
const UNDER_WAY = 256;

export const WAITING_TASK: TaskManifestInput = {
  manifestVersion: 1,
  name: 'crowd',
  seed: 'crowd',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['dark', 'light'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 1, reportGoal: NEVER_ENOUGH, overSelection: 1, minimumSurvivors: NEVER_ENOUGH },
  aggregation: { serverOptimiser: { kind: 'sgd' }, maximumWeight: 1 },
};

/** Resolves when all are admitted and told to wait. */
export async function gatherCrowd(coordinator: LoadedCoordinator, size: number): Promise<LightParticipant[]> {
  const crowd: LightParticipant[] = [];
  let next = 0;
  const joinOneAfterAnother = async (): Promise<void> => {
    while (next < size) {
      const index = next;
      next += 1;
      crowd.push(await joinAndWait(coordinator, index));
    }
  };
  await Promise.all(Array.from({ length: Math.min(UNDER_WAY, size) }, joinOneAfterAnother));
  return crowd;
}

function joinAndWait(coordinator: LoadedCoordinator, index: number): Promise<LightParticipant> {
  return new Promise((resolve, reject) => {
    let isAdmitted = false;
    const participant = joinAsParticipant(coordinator, index, {
      onMessage(message) {
        if (message.type === 'admitted') isAdmitted = true;
        else if (message.type === 'comeBack' && isAdmitted) resolve(participant);
        else reject(new Error(JSON.stringify(message)));
      },
      onClose: () => reject(new Error(`participant ${index} was cut off`)),
    });
  });
}
