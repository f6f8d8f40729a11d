/** The numeric part of the coordinator's door: an update is what was announced, finite, bounded, and of the model's shapes. */
import { TributaryError } from '../errors.ts';
import type { ClientId } from '../identifiers.ts';
import type { ParameterSet, TensorShape } from '../parameters.ts';
import type { Sha256 } from '../ports/hash.ts';
import type { Announcement, UpdateAnnouncement } from '../round/round-state.ts';
import { blobHashOf } from '../sha256.ts';
import { isAdditive, isClearCode } from '../task/compression-plan.ts';
import { type SumManifest, sumPlan } from '../task/secure-sum-plan.ts';
import type { RoundCode } from '../update/round-code.ts';
import { memberSeed } from '../update/round-seed.ts';
import { decodeFrame } from '../wire/frame.ts';
import { decodeRingFrame, type RingFrame } from '../wire/ring-frame.ts';
import { checkFloats, normSlack } from './check-floats.ts';
import { checkRingUpdate } from './check-ring-update.ts';
import { readClearUpdate } from './clear-update.ts';
import { NORM_SLACK } from './norm-slack.ts';

/** In the form in which its run sums: floats, or integers of a ring, masked or not. */
export type CheckedUpdate = ParameterSet | RingFrame;

/**
 * @param announced what the cohort member said it would send; left out where the caller has compared it already
 * @throws TributaryError with a `frame-*`, `update-*` or `weight-*` code, or `codec-malformed`; nothing of the update is in the message
 */
export function checkUpdate(
  bytes: Uint8Array,
  options: {
    readonly manifest: SumManifest;
    /** Of the model. */
    readonly shapes: readonly TensorShape[];
    readonly round: RoundCode;
    /** Whose update it is: codes that are read one by one have randomness of each member. */
    readonly clientId: ClientId;
    readonly sha256: Sha256;
    readonly announced?: UpdateAnnouncement & { readonly exampleCount?: Announcement['exampleCount'] | null };
    /** The result may be a view of `bytes`, which its owner then leaves alone as long as the result is used. */
    readonly mayShare?: boolean;
  },
): CheckedUpdate {
  const { manifest, shapes, round, clientId, sha256, announced, mayShare = false } = options;
  const { compression } = manifest;
  if (announced) checkAnnouncement(bytes, announced, sha256);
  if (isAdditive(compression)) {
    const plan = sumPlan(manifest, shapes, round.encoding);
    const frame = decodeRingFrame(mayShare ? bytes : bytes.slice(), plan.layout);
    // Behind a mask every value is as likely as any other: there is nothing to check.
    if (!plan.layout.isMasked)
      checkRingUpdate(frame, { manifest, plan, exampleCount: announced?.exampleCount });
    return frame;
  }
  if (isClearCode(compression)) {
    const seed = memberSeed(round.seed, clientId);
    const update = readClearUpdate(bytes, { compression, shapes, seed });
    return checkFloats(update, manifest, normSlack(compression));
  }
  return checkFloats(decodeFrame(bytes, { sha256, expectedShapes: shapes, mayShare }), manifest, NORM_SLACK);
}

function checkAnnouncement(bytes: Uint8Array, announced: UpdateAnnouncement, sha256: Sha256): void {
  if (bytes.length !== announced.updateBytes) {
    throw new TributaryError(
      'frame-length',
      `${bytes.length} bytes came, ${announced.updateBytes} were announced`,
    );
  }
  if (blobHashOf(bytes, sha256) !== announced.updateHash) {
    throw new TributaryError('update-hash-mismatch', 'the update is not the one that was announced');
  }
}
