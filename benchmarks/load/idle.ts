/**
 * What ten thousand participants who wait for the next round cost, after at least one keep-alive of each. The peak is
 * from when they joined.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchmarkOptions } from '../benchmark.ts';
import { startLoadedCoordinator } from './coordinator.ts';
import { gatherCrowd, WAITING_TASK } from './crowd.ts';
import { type LoadRow, loadRow } from './load-row.ts';

const LIMITS = { memoryBytes: 300e6 };
/** The server pings each connection every 25 s. */
const KEEP_ALIVE_SECONDS = 27;

export async function measureIdle({ quick }: BenchmarkOptions): Promise<LoadRow> {
  const participants = quick ? 1000 : 10_000;
  const coordinator = await startLoadedCoordinator(WAITING_TASK);
  try {
    await coordinator.startMeasuring();
    const started = performance.now();
    const crowd = await gatherCrowd(coordinator, participants);
    const seconds = (performance.now() - started) / 1000;
    if (!quick) await pause(KEEP_ALIVE_SECONDS * 1000);
    const row = loadRow('idle', participants, { seconds, ...(await coordinator.measure()) }, LIMITS);
    for (const participant of crowd) participant.close();
    return row;
  } finally {
    await coordinator.stop();
  }
}
