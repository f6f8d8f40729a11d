/** What leaves the device in this run, worked out from its manifest, and from nothing else. */
import { frameLength, parameterShapes, type TaskManifest } from '@tributary/fl-core';
import { bytes } from '../messages/figures.ts';
import { words } from '../messages/index.ts';

interface PrivacyStatements {
  readonly leaves: readonly string[];
  readonly stays: readonly string[];
  /** Whether the coordinator can look at one participant's update by itself. */
  readonly updatesAreVisible: boolean;
  /** What to think about before taking part, in sentences. */
  readonly warning: readonly string[];
  /** The size of an update, as people read it. */
  readonly updateSize: string;
}

export function privacyStatements(manifest: TaskManifest): PrivacyStatements {
  const { privacy: text } = words;
  const { mode, clippingNorm } = manifest.privacy;
  const updateSize = bytes(frameLength(parameterShapes(manifest.model)));
  const updatesAreVisible = mode === 'none' && manifest.secureAggregation.mode === 'off';
  const bound = clippingNorm === undefined ? text.notClipped : text.clipped(clippingNorm);
  return {
    leaves: [
      text.update(updateSize),
      text.exampleCount,
      text.heldOut,
      text.device,
      text.leaving,
      text.network,
    ],
    stays: [text.examples, text.counts, text.fileNames],
    updatesAreVisible,
    warning: [...(updatesAreVisible ? [text.notMaskedTitle, text.notMasked] : []), bound, text.codeNote],
    updateSize,
  };
}
