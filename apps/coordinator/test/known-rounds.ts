/** Rounds in which three devices send known numbers, so that every model can be expected. */
import type { Coordinator } from '../src/app.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { connect, takePart, updateOf } from './participant-driver.ts';

/** What each of three devices sends in each of three rounds; all different, and exact in fixed point. */
export const KNOWN_ROUNDS: readonly (readonly number[])[] = [
  [0.25, 0.5, 1],
  [-0.5, 0.125, 0.75],
  [1, -0.25, 0.5],
];

/** A sum does not depend on who is who: the same numbers give the same model, whichever devices send them. */
export async function trainRounds(
  coordinator: Pick<Coordinator, 'url' | 'admissionTicket'>,
  run: RunSupervisor,
  rounds: readonly (readonly number[])[],
): Promise<void> {
  const ticket = await coordinator.admissionTicket(run, 1);
  const present = [0, 1, 2].map(() => connect(coordinator.url, ticket));
  try {
    for (const participant of present) participant.checkIn();
    for (const values of rounds) {
      await Promise.all(
        present.map(async (participant, i) => {
          await takePart(participant, coordinator.url, updateOf(run.manifest, values[i]!));
          await participant.next('roundCommitted');
        }),
      );
    }
  } finally {
    for (const participant of present) participant.close();
  }
}
