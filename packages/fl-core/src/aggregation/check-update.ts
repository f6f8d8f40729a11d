/** The numeric part of the coordinator's door: an update is what was announced, finite, bounded, and of the model's shapes. */
import { l2Norm } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { ParameterSet, TensorShape } from '../parameters.ts';
import type { Sha256 } from '../ports/hash.ts';
import type { UpdateAnnouncement } from '../round/round-state.ts';
import { blobHashOf } from '../sha256.ts';
import type { TaskManifest } from '../task/manifest.ts';
import { decodeFrame } from '../wire/frame.ts';

/** Rounding to float32 may lift a norm that was clipped exactly; this much is forgiven. */
const NORM_SLACK = 1 + 1e-6;

/**
 * @param announced what the cohort member said it would send; left out where the caller has compared it already
 * @throws TributaryError with a `frame-*` or `update-*` code; nothing of the update is in the message
 */
export function checkUpdate(
  bytes: Uint8Array,
  options: {
    readonly manifest: Pick<TaskManifest, 'aggregation' | 'privacy'>;
    /** Of the model. */
    readonly shapes: readonly TensorShape[];
    readonly sha256: Sha256;
    readonly announced?: UpdateAnnouncement;
    /** The result may be a view of `bytes`, which its owner then leaves alone as long as the result is used. */
    readonly mayShare?: boolean;
  },
): ParameterSet {
  const { manifest, shapes, sha256, announced, mayShare = false } = options;
  if (announced) checkAnnouncement(bytes, announced, sha256);
  const update = decodeFrame(bytes, { sha256, expectedShapes: shapes, mayShare });
  checkRange(update.values, manifest.aggregation.valueBound);
  const { clippingNorm } = manifest.privacy;
  if (clippingNorm !== undefined && l2Norm(update.values) > clippingNorm * NORM_SLACK) {
    throw new TributaryError(
      'update-out-of-range',
      'the update is longer than the clipping norm of this run',
    );
  }
  return update;
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

/** Also run by the tab before it uploads. @throws TributaryError `update-not-finite` or `update-out-of-range` */
export function checkRange(values: Float32Array, valueBound: number): void {
  for (let i = 0; i < values.length; i += 1) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude <= valueBound) continue;
    if (Number.isFinite(magnitude)) {
      throw new TributaryError('update-out-of-range', `a value lies outside [-${valueBound}, ${valueBound}]`);
    }
    throw new TributaryError('update-not-finite', 'a value is not a finite number');
  }
}
