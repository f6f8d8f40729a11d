/** Third stage: what the others sealed for this device. One share that does not open, and this device drops out. */
import { membersOf } from '../../secagg/bitmap.ts';
import { SecAggError } from '../../secagg/errors.ts';
import type { SecAggCrypto } from '../../secagg/ports.ts';
import { shareChannel } from '../derivations.ts';
import { unpackVector } from '../field-bytes.ts';
import type { LightSession } from '../session.ts';
import { type Shared, sealedShareBytes } from './share-own-mask.ts';

export interface Opened {
  readonly session: LightSession;
  readonly index: number;
  readonly minimumSurvivors: number;
  /** Secret. */
  readonly mask: Int32Array;
  /** By their dealer, this device's own among them. Secret. */
  readonly shares: ReadonlyMap<number, Int32Array>;
}

/**
 * @param message `sharers`: whose shares arrived, as a bitmap; `bytes`: for each other one of them its sealed share for this device, ascending
 * @throws SecAggError `secagg-share-invalid`, `secagg-survivors-invalid`, `secagg-message-malformed`, `secagg-cohort-too-small`
 */
export async function openShares(
  { session, index, minimumSurvivors, agreed, mask, ownShare }: Shared,
  message: { readonly sharers: Uint8Array; readonly bytes: Uint8Array },
  crypto: SecAggCrypto,
): Promise<Opened> {
  const sharers = membersOf(message.sharers, session.code.members);
  if (!sharers.includes(index)) {
    throw new SecAggError(
      'secagg-survivors-invalid',
      'this device shared its mask, and is not among the sharers',
    );
  }
  if (sharers.length < minimumSurvivors) {
    throw new SecAggError(
      'secagg-cohort-too-small',
      `${sharers.length} sharers are fewer than ${minimumSurvivors}`,
    );
  }
  const size = sealedShareBytes(session);
  if (message.bytes.length !== (sharers.length - 1) * size) {
    throw new SecAggError(
      'secagg-message-malformed',
      `${message.bytes.length} bytes are not ${sharers.length - 1} shares`,
    );
  }
  const shares = new Map([[index, ownShare]]);
  const dealers = sharers.filter((dealer) => dealer !== index);
  for (const [place, dealer] of dealers.entries()) {
    const { key, nonce, context } = shareChannel(session.id, agreed[dealer]!, { from: dealer, to: index });
    const sealed = message.bytes.subarray(place * size, (place + 1) * size);
    const opened = await crypto.open(key, { nonce, context, bytes: sealed });
    const share = opened && unpackVector(opened, session.code.pieceLength);
    for (const spent of [key, opened]) spent?.fill(0);
    if (!share) throw new SecAggError('secagg-share-invalid', `the share of member ${dealer} does not open`);
    shares.set(dealer, share);
  }
  return { session, index, minimumSurvivors, mask, shares };
}
