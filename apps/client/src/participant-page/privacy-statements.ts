/** What leaves the device in this run, worked out from its manifest, and from nothing else. */
import {
  isAdditive,
  parameterShapes,
  updateSize as sizeOfUpdate,
  type TaskManifest,
} from '@tributary/fl-core';
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
  const updateSize = text.size(bytes(sizeOfUpdate(manifest, parameterShapes(manifest.model))));
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
      ...lossesOf(manifest),
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

/** What of an update does not arrive, and what becomes of it. */
function lossesOf({ compression }: TaskManifest): readonly string[] {
  const { privacy: text } = words;
  if (compression.codec === 'float32') return [];
  const said = isAdditive(compression)
    ? [
        ...(compression.sampling.kind === 'all' ? [] : [text.sampled]),
        compression.codec === 'quantised' ? text.rounded(compression.bound) : text.roundedToSteps,
      ]
    : [text.coded];
  return compression.feedback.mode === 'on' ? [...said, text.lossIsKept] : said;
}
