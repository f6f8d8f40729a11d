/** What leaves the device in this run, worked out from its manifest, and from nothing else. */
import { isClearCode, longestUpdate, parameterShapes, type TaskManifest } from '@tributary/fl-core';
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
  const { clippingNorm } = manifest.privacy;
  const updateSize = sizeOf(manifest);
  const isSecure = manifest.secureAggregation.mode !== 'off';
  return {
    leaves: [
      ...(isSecure ? leavesMasked(manifest, updateSize) : leavesInTheClear(updateSize)),
      text.leaving,
      text.network,
    ],
    stays: [text.examples, text.counts, text.fileNames],
    updatesAreVisible: !isSecure,
    warning: [
      ...(isSecure ? limitsOfSums() : [text.notMaskedTitle, text.notMasked]),
      clippingNorm === undefined ? text.notClipped : text.clipped(clippingNorm),
      ...(manifest.compression.codec === 'quantised' ? [text.rounded(manifest.compression.bound)] : []),
      isSecure ? words.secureSum.privacy.code : text.codeNote,
    ],
    updateSize,
  };
}

function leavesInTheClear(updateSize: string): readonly string[] {
  const { privacy: text } = words;
  return [text.update(updateSize), text.exampleCount, text.heldOut, text.device];
}

function leavesMasked({ eligibility }: TaskManifest, updateSize: string): readonly string[] {
  const { privacy: text } = words.secureSum;
  return [text.update(updateSize), text.enoughExamples(eligibility.minimumExamples), text.keys, text.device];
}

function limitsOfSums(): readonly string[] {
  const { privacy: text } = words.secureSum;
  return [text.title, text.learns, text.sumTells, text.collusion];
}

/** The length of a clear code depends on the update. */
function sizeOf(manifest: TaskManifest): string {
  const size = bytes(longestUpdate(manifest, parameterShapes(manifest.model)));
  return isClearCode(manifest.compression) ? words.privacy.largestSize(size) : words.privacy.exactSize(size);
}
