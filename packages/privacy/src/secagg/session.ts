import { chooseGraph, type SharingGraph } from './choose-degree.ts';
import { graphSeed, type SessionBinding, sessionId } from './derivations.ts';
import { SecAggError } from './errors.ts';
import type { Roster } from './roster.ts';
import type { SumTask } from './sum-task.ts';

/** What both sides compute of one secure sum, and neither is told: a difference anywhere gives other keys. */
export interface SecureSession {
  readonly task: SumTask;
  readonly roster: Roster;
  readonly n: number;
  readonly graph: SharingGraph;
  readonly graphSeed: Uint8Array;
  readonly binding: SessionBinding;
}

/**
 * @param beacon 32 bytes, drawn after the roster was closed: nobody can choose keys so that the graph suits them
 * @throws SecAggError `secagg-parameters-impossible`, `secagg-message-malformed`
 */
export function openSession(task: SumTask, roster: Roster, beacon: Uint8Array): SecureSession {
  if (beacon.length !== 32) {
    throw new SecAggError('secagg-message-malformed', `a beacon has 32 bytes, not ${beacon.length}`);
  }
  const n = roster.offers.length;
  const graph = chooseGraph({
    n,
    corruptFraction: task.corruptFraction,
    dropoutFraction: task.dropoutFraction,
    adversary: task.adversary,
    graph: task.graph,
  });
  const cohortRoot = roster.root;
  return {
    task,
    roster,
    n,
    graph,
    graphSeed: graphSeed(cohortRoot, beacon),
    binding: { session: sessionId(task, { cohortRoot, beacon, memberCount: n, graph }), cohortRoot },
  };
}
