import { hasMember } from '../bitmap.ts';
import { writeConfirmations } from '../confirmations.ts';
import { survivorsMessage } from '../derivations.ts';
import type { SecAggCrypto } from '../ports.ts';
import type { Remaining, ServerSession } from './server-session.ts';

/** `survivorsConfirmed` of one member. */
export interface ConfirmationAnswer extends Remaining {
  readonly index: number;
  readonly signature: Uint8Array;
}

/** Whether a survivor signed these very survivors. */
export async function checkConfirmation(
  { roster, binding }: ServerSession,
  { index, sharers, survivors, signature }: ConfirmationAnswer,
  crypto: SecAggCrypto,
): Promise<boolean> {
  if (signature.length !== 64 || !hasMember(survivors, index)) return false;
  const message = survivorsMessage(binding, sharers, survivors);
  return crypto.verify(roster.offers[index]!.identity, message, signature);
}

/**
 * @param signatures that were checked, by index
 * @returns `unmaskRequested.bytes`: those of the recipient's neighbours
 */
export function confirmationsFor(
  session: ServerSession,
  recipient: number,
  signatures: ReadonlyMap<number, Uint8Array>,
): Uint8Array {
  return writeConfirmations(
    session.neighbours[recipient]!.flatMap((index) => {
      const signature = signatures.get(index);
      return signature ? [{ index, signature }] : [];
    }),
  );
}
