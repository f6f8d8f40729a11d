/** Notes down what an operator did to a run, once it is done. */
import type { OperatorSession, RunId, SteeringEntry } from '@tributary/fl-core';
import type { SteeringLog } from '../storage/steering-log.ts';

export function steeringNotes(log: SteeringLog) {
  return (
    runId: RunId,
    { name }: OperatorSession,
    action: SteeringEntry['action'],
    detail = '',
  ): Promise<void> => log.append(runId, { at: Date.now(), operatorName: name, action, detail });
}
