import { equalBytes } from '@noble/ciphers/utils.js';
import { hasMember, membersOf } from '../bitmap.ts';
import { survivorsMessage } from '../derivations.ts';
import { SecAggError } from '../errors.ts';
import type { Sign } from '../ports.ts';
import type { Confirmed, Masked } from './client-states.ts';
import { refuseFewSurvivors } from './survivor-rules.ts';

/** `survivorsClosed`: U2 and U3 as bitmaps. Who is in U3 is alive, who is only in U2 is dead; nobody can be both. */
export interface Survivors {
  readonly sharers: Uint8Array;
  readonly survivors: Uint8Array;
}

/**
 * Signs who survived, for the neighbours (the consistency check of Bonawitz et al. 2017, figure 4, round 3), and lets
 * go of the share that must not be revealed: the key share of who survived, the seed share of who did not.
 * @throws SecAggError `secagg-survivors-invalid`, `secagg-equivocation` (other sharers than before),
 *   `secagg-cohort-too-small`, `secagg-below-threshold`, `secagg-message-malformed`
 */
export async function confirmSurvivors(
  state: Masked,
  message: Survivors,
  sign: Sign,
): Promise<{ state: Confirmed; signature: Uint8Array }> {
  const { session, index, neighbourhood, minimumSurvivors, sharers, held } = state;
  membersOf(message.sharers, session.n);
  if (!equalBytes(message.sharers, sharers)) {
    throw new SecAggError('secagg-equivocation', 'shares were delivered of other sharers than are named now');
  }
  const survivors = message.survivors.slice();
  const surviving = membersOf(survivors, session.n);
  const stranger = surviving.find((survivor) => !hasMember(sharers, survivor));
  if (stranger !== undefined) {
    throw new SecAggError('secagg-survivors-invalid', `member ${stranger} survives without having shared`);
  }
  refuseFewSurvivors(state, surviving);
  const signature = await sign(survivorsMessage(session.binding, sharers, survivors));
  const shares = held.map(({ dealer, key, seed }) => (hasMember(survivors, dealer) ? seed : key));
  return {
    state: {
      stage: 'confirmed',
      session,
      index,
      neighbourhood,
      minimumSurvivors,
      sharers,
      survivors,
      shares,
    },
    signature,
  };
}
