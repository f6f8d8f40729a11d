/** What is signed and hashed of a plan; apart from it, because a page that only explains a plan needs none of that code. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { type SumTask, taskHash } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { BlobHash, RunId } from '../identifiers.ts';
import type { SumEncoding } from '../update/sum-encoding.ts';
import type { TaskManifest } from './manifest.ts';
import { parameterShapes } from './model-shape.ts';
import { inviteCount } from './round-plan.ts';
import { sumPlan } from './secure-sum-plan.ts';

/** What the members of one round's secure sum sign, and derive every key from. @throws TributaryError `plan-impossible` */
export function sumTask(
  manifest: TaskManifest,
  round: {
    readonly runId: RunId;
    readonly roundNumber: number;
    readonly modelHash: BlobHash;
    readonly modelLog: BlobHash;
    /** Where the run tunes it. */
    readonly encoding: SumEncoding | null;
  },
): SumTask {
  const { secureAggregation, rounds } = manifest;
  if (secureAggregation.mode === 'off') {
    throw new TributaryError('plan-impossible', 'this run has no secure aggregation');
  }
  const { corruptFraction, dropoutFraction, adversary, graph } = secureAggregation;
  return {
    task: taskHash(round.runId, taskDocument(manifest, round.encoding)),
    roundNumber: round.roundNumber,
    modelHash: hexToBytes(round.modelHash),
    modelLog: hexToBytes(round.modelLog),
    vectors: sumPlan(manifest, parameterShapes(manifest.model), round.encoding).vectors,
    maximumCohort: inviteCount(rounds),
    minimumSurvivors: rounds.minimumSurvivors,
    corruptFraction,
    dropoutFraction,
    adversary,
    graph,
  };
}

/** Who was told another step signs, and derives, something else: such members have no sum together. */
function taskDocument(manifest: TaskManifest, encoding: SumEncoding | null): string {
  if (!encoding) return JSON.stringify(manifest);
  const { step, fraction } = encoding;
  return JSON.stringify({ manifest, encoding: { step, ...(fraction !== undefined && { fraction }) } });
}
