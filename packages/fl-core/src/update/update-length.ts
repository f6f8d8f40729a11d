import type { TensorShape } from '../parameters.ts';
import { isAdditive, isClearCode } from '../task/compression-plan.ts';
import { type SumManifest, sumLayout } from '../task/secure-sum-plan.ts';
import { longestCodedFrame } from '../wire/coded-frame.ts';
import { frameLength } from '../wire/frame.ts';
import { ringFrameLength } from '../wire/ring-frame.ts';

/** Bytes of the frame of an update: exactly, but for clear codes, whose length depends on the update; then at most. */
export function longestUpdate(manifest: SumManifest, shapes: readonly TensorShape[]): number {
  const { compression } = manifest;
  if (isAdditive(compression)) return ringFrameLength(sumLayout(manifest, shapes));
  return isClearCode(compression) ? longestCodedFrame({ compression, shapes }) : frameLength(shapes);
}
