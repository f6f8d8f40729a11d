/**
 * Hashes, keys and signed messages, made like those of SA-1: the key of every share names the session, and that names model,
 * task, code and roster. Who is told of others cannot open a share.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { transcript, u16, u32 } from '../secagg/transcript.ts';
import type { MaskCode } from './code.ts';
import type { LightTask } from './task.ts';

/** What a key offer signs. Both 32 bytes. */
export function offerMessage(
  task: LightTask,
  { identity, channelKey }: { readonly identity: Uint8Array; readonly channelKey: Uint8Array },
): Uint8Array {
  return transcript('LightSecAgg/offer', [...occasion(task), identity, channelKey]);
}

/** @returns 32 bytes: different whenever anything differs that the sum depends on */
export function sessionId(
  task: LightTask,
  { cohortRoot, code }: { readonly cohortRoot: Uint8Array; readonly code: MaskCode },
): Uint8Array {
  const numbers = [code.members, code.privacy, code.recovery, task.length, task.bound, task.minimumSurvivors];
  return sha256(transcript('LightSecAgg/session', [...occasion(task), cohortRoot, ...numbers.map(u32)]));
}

/** AES-256-GCM for the one share from one member to another. */
export interface ShareChannel {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, for one message. */
  readonly nonce: Uint8Array;
  readonly context: Uint8Array;
}

/**
 * @param agreed X25519 of one's channel key and the other's
 * @param direction positions in the roster
 */
export function shareChannel(
  session: Uint8Array,
  agreed: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): ShareChannel {
  const context = transcript('LightSecAgg/share', [session, u16(from), u16(to)]);
  const output = hkdf(sha256, agreed, session, context, 44);
  return { key: output.subarray(0, 32), nonce: output.subarray(32), context };
}

function occasion({ task, roundNumber, modelHash, modelLog }: LightTask): readonly Uint8Array[] {
  return [task, u32(roundNumber), modelHash, modelLog];
}
