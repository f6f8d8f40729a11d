/** The steering log in memory, for tests and throw-away coordinators. */
import type { RunId, SteeringEntry } from '@tributary/fl-core';
import type { SteeringLog } from './steering-log.ts';

export function openMemorySteeringLog(): SteeringLog {
  const logs = new Map<RunId, SteeringEntry[]>();
  return {
    append: async (runId, entry) => void logs.set(runId, [{ ...entry }, ...(logs.get(runId) ?? [])]),
    entries: async (runId) => [...(logs.get(runId) ?? [])],
  };
}
