import { neighbourhoods } from '../graph.ts';
import type { Roster } from '../roster.ts';
import { openSession, type SecureSession } from '../session.ts';
import type { SumTask } from '../sum-task.ts';

export interface ServerSession extends SecureSession {
  /** Of each index, ascending. */
  readonly neighbours: readonly (readonly number[])[];
}

/**
 * Nothing but a function of what is stored: after a restart the session is opened again.
 * @throws SecAggError `secagg-parameters-impossible`
 */
export function openServerSession(task: SumTask, roster: Roster, beacon: Uint8Array): ServerSession {
  const session = openSession(task, roster, beacon);
  const { graph, graphSeed, n } = session;
  const neighbours = neighbourhoods(graph, graphSeed, n);
  return { ...session, neighbours };
}

/** Who is still there, as bitmaps. */
export interface Remaining {
  /** U2: their sealed shares arrived. */
  readonly sharers: Uint8Array;
  /** U3: their masked vectors arrived. */
  readonly survivors: Uint8Array;
}
