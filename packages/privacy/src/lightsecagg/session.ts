/** What both sides compute from task and roster, and neither takes the other's word for. */
import { codeFor, type MaskCode } from './code.ts';
import { sessionId } from './derivations.ts';
import type { LightOffer, LightRoster } from './roster.ts';
import type { LightTask } from './task.ts';

export interface LightSession {
  readonly task: LightTask;
  readonly id: Uint8Array;
  readonly offers: readonly LightOffer[];
  readonly code: MaskCode;
}

/** @throws SecAggError as `codeFor` */
export function openSession(task: LightTask, { offers, root }: LightRoster): LightSession {
  const code = codeFor(offers.length, task);
  return { task, id: sessionId(task, { cohortRoot: root, code }), offers, code };
}
