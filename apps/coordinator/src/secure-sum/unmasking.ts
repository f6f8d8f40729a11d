/** What takes the masks out of a sum: plain data, because another thread does it. */
import {
  type Mask,
  openServerSession,
  parseRoster,
  type Remaining,
  type RevealedShare,
  recoverMasks,
  type SumTask,
} from '@tributary/privacy';
import { openNodeCrypto } from './node-crypto.ts';

const crypto = openNodeCrypto();

/** Secret, because of the shares. */
export interface Unmasking extends Remaining {
  readonly task: SumTask;
  readonly roster: Uint8Array;
  readonly beacon: Uint8Array;
  readonly revealed: readonly RevealedShare[];
}

/**
 * For each vector the masks that are left in its sum.
 * @throws SecAggError `secagg-below-threshold`, `secagg-dealer-inconsistent`
 */
export function masksLeft({
  task,
  roster,
  beacon,
  revealed,
  ...remaining
}: Unmasking): Promise<readonly (readonly Mask[])[]> {
  const session = openServerSession(task, parseRoster(roster, task), beacon);
  return recoverMasks(session, remaining, revealed, crypto);
}
