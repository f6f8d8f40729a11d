import { SecAggError } from '../errors.ts';
import type { Membership } from './client-states.ts';

/**
 * What holds of everybody who is said to be still there, at each stage: this device is among them, they are as many as it
 * asks for, and enough of them are its neighbours to rebuild its secrets, and to bear witness to what it was told.
 * @param present indices, ascending
 * @throws SecAggError `secagg-survivors-invalid`, `secagg-cohort-too-small`, `secagg-below-threshold`
 */
export function refuseFewSurvivors(
  { session, index, neighbourhood, minimumSurvivors }: Membership,
  present: readonly number[],
): void {
  const members = new Set(present);
  if (!members.has(index)) {
    throw new SecAggError('secagg-survivors-invalid', 'this device is said to have dropped out');
  }
  if (members.size < minimumSurvivors) {
    throw new SecAggError(
      'secagg-cohort-too-small',
      `${members.size} are left; this device asks for ${minimumSurvivors}`,
    );
  }
  const neighbours = neighbourhood.filter((peer) => members.has(peer)).length;
  if (neighbours < session.graph.shareThreshold) {
    throw new SecAggError(
      'secagg-below-threshold',
      `${neighbours} neighbours are left; a secret needs ${session.graph.shareThreshold}`,
    );
  }
}
