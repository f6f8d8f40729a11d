/** What leaves the device in this run, worked out from its manifest, and from nothing else. */
import { frameLength, parameterShapes, type TaskManifest } from '@tributary/fl-core';
import { bytes } from '../messages/figures.ts';
import { words } from '../messages/index.ts';

interface PrivacyStatements {
  readonly leaves: readonly string[];
  readonly stays: readonly string[];
  /** Whether the coordinator can look at one participant's update by itself. */
  readonly updatesAreVisible: boolean;
  readonly bound: string;
}

export function privacyStatements(manifest: TaskManifest): PrivacyStatements {
  const { privacy: text } = words;
  const { mode, clippingNorm } = manifest.privacy;
  return {
    leaves: [
      text.update(bytes(frameLength(parameterShapes(manifest.model)))),
      text.exampleCount,
      text.heldOut,
      text.device,
      text.leaving,
      text.network,
    ],
    stays: [text.examples, text.counts, text.fileNames],
    updatesAreVisible: mode === 'none' && manifest.secureAggregation.mode === 'off',
    bound: clippingNorm === undefined ? text.notClipped : text.clipped(clippingNorm),
  };
}
