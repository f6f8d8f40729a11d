/** First stage: a fresh channel key for this session, signed with the device key. */
import type { SecAggCrypto, Sign } from '../../secagg/ports.ts';
import { offerMessage } from '../derivations.ts';
import type { LightTask } from '../task.ts';

export interface Offered {
  readonly task: LightTask;
  readonly identity: Uint8Array;
  /** Secret. */
  readonly channelSecret: Uint8Array;
  readonly channelKey: Uint8Array;
}

/** @returns the state, and what is sent: channel key 32, signature 64 */
export async function offerKey(
  task: LightTask,
  {
    identity,
    sign,
    crypto,
  }: { readonly identity: Uint8Array; readonly sign: Sign; readonly crypto: SecAggCrypto },
): Promise<{ readonly state: Offered; readonly bytes: Uint8Array }> {
  const channelSecret = crypto.randomBytes(32);
  const channelKey = await crypto.x25519PublicKey(channelSecret);
  const signature = await sign(offerMessage(task, { identity, channelKey }));
  const bytes = new Uint8Array(96);
  bytes.set(channelKey);
  bytes.set(signature, 32);
  return { state: { task, identity, channelSecret, channelKey }, bytes };
}
