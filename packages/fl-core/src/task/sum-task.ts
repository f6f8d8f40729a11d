/** What is signed and hashed of a plan; apart from it, because a page that only explains a plan needs none of that code. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { type SumTask, taskHash } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { BlobHash, RunId } from '../identifiers.ts';
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
  },
): SumTask {
  const { secureAggregation, rounds } = manifest;
  if (secureAggregation.mode === 'off') {
    throw new TributaryError('plan-impossible', 'this run has no secure aggregation');
  }
  const { corruptFraction, dropoutFraction, adversary, graph } = secureAggregation;
  return {
    task: taskHash(round.runId, JSON.stringify(manifest)),
    roundNumber: round.roundNumber,
    modelHash: hexToBytes(round.modelHash),
    modelLog: hexToBytes(round.modelLog),
    vectors: sumPlan(manifest, parameterShapes(manifest.model)).vectors,
    maximumCohort: inviteCount(rounds),
    minimumSurvivors: rounds.minimumSurvivors,
    corruptFraction,
    dropoutFraction,
    adversary,
    graph,
  };
}
