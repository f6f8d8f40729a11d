/** What every steering log must do. */
import { type BlobHash, type Instant, openRun, type RunId } from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { emptyTally, type RunStore } from '../../src/storage/run-store.ts';
import type { SteeringLog } from '../../src/storage/steering-log.ts';
import { smallTask } from '../small-task.ts';

export function steeringLogContract(
  name: string,
  open: () => Promise<{ runs: RunStore; log: SteeringLog }>,
): void {
  test(`[O-4] steering log: ${name}: entries come back newest first, each with its run`, async () => {
    const { runs, log } = await open();
    const ids = ['run-a', 'run-b'] as RunId[];
    for (const runId of ids) {
      const manifest = smallTask();
      const state = openRun({ runId, manifest, modelHash: '1'.repeat(64) as BlobHash });
      const createdAt = 1 as Instant;
      await runs.createRun({ runId, createdAt, manifest, state, optimiserHash: null, tally: emptyTally() });
    }
    const entry = (action: 'create' | 'stop') => ({ at: 7, operatorName: 'Ada', action, detail: 'x' });
    await log.append(ids[0]!, entry('create'));
    await log.append(ids[1]!, entry('create'));
    await log.append(ids[0]!, entry('stop'));
    expect(await log.entries(ids[0]!)).toEqual([entry('stop'), entry('create')]);
    expect(await log.entries(ids[1]!)).toEqual([entry('create')]);
    expect(await log.entries('run-c' as RunId)).toEqual([]);
  });
}
