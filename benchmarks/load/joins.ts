/** Five thousand devices that prove who they are and are admitted, as when a newsletter has gone out. */
import type { BenchmarkOptions } from '../benchmark.ts';
import { startLoadedCoordinator } from './coordinator.ts';
import { gatherCrowd, WAITING_TASK } from './crowd.ts';
import { type LoadRow, loadRow } from './load-row.ts';

const LIMITS = { seconds: 15 };

export async function measureJoins({ quick }: BenchmarkOptions): Promise<LoadRow> {
  const joins = quick ? 500 : 5000;
  const coordinator = await startLoadedCoordinator(WAITING_TASK);
  try {
    await coordinator.startMeasuring();
    const started = performance.now();
    const crowd = await gatherCrowd(coordinator, joins);
    const seconds = (performance.now() - started) / 1000;
    const row = loadRow('joins', joins, { seconds, ...(await coordinator.measure()) }, LIMITS);
    for (const participant of crowd) participant.close();
    return row;
  } finally {
    await coordinator.stop();
  }
}
