export { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
export { transcript } from '@tributary/privacy';
export {
  type AdditiveCode,
  type AdditiveUpdate,
  additiveCode,
  additiveFrame,
  additivePieces,
  additiveVectors,
} from './aggregation/additive-update.ts';
export { type Aggregator, createAggregator, weightOf } from './aggregation/aggregator.ts';
export { type CheckedUpdate, checkUpdate } from './aggregation/check-update.ts';
export { codeClearUpdate, readClearUpdate } from './aggregation/clear-update.ts';
export { openRoundSum, type RoundSum } from './aggregation/round-sum.ts';
export {
  applyServerOptimiser,
  decodeOptimiserState,
  encodeOptimiserState,
  initialOptimiserState,
  type OptimiserState,
  type ServerStep,
} from './aggregation/server-optimiser.ts';
export {
  decodeServerState,
  encodeServerState,
  firstModel,
  initialServerState,
  nextModel,
  type ServerState,
} from './aggregation/server-state.ts';
export type { Tail, TailEvaluation } from './aggregation/tail.ts';
export * from './errors.ts';
export * from './identifiers.ts';
export * from './identity/check-in-message.ts';
export * from './identity/client-id.ts';
export * from './identity/strict-key.ts';
export * from './parameters.ts';
export { startParticipation, stepParticipation, takesPart } from './participation/participation-machine.ts';
export type * from './participation/participation-state.ts';
export type * from './ports/hash.ts';
export type * from './ports/random-source.ts';
export type * from './ports/stop-signal.ts';
export type * from './ports/trainer.ts';
export * from './random/draws.ts';
export { seededRandom, xoshiro128 } from './random/xoshiro.ts';
export { sampleCohort } from './round/cohort-sampling.ts';
export { membersOf } from './round/endings.ts';
export { isSurvivor } from './round/members.ts';
export * from './round/model-log.ts';
export { bitmapsOf, indexOf, offersOf } from './round/roster-of.ts';
export type * from './round/round-events.ts';
export { stepRound } from './round/round-machine.ts';
export { ROUND_PHASES, type RoundPhase } from './round/round-phase.ts';
export type * from './round/round-state.ts';
export { openRound, type RoundOpening } from './round/selecting.ts';
export { openRun, stepRun } from './run/run-machine.ts';
export type * from './run/run-state.ts';
export * from './sha256.ts';
export * from './task/adapted-manifest.ts';
export * from './task/aggregation-plan.ts';
export * from './task/alphabets.ts';
export * from './task/compression-forecast.ts';
export * from './task/compression-plan.ts';
export * from './task/compression-wish.ts';
export * from './task/data-schema.ts';
export * from './task/data-shape.ts';
export * from './task/frozen-factors.ts';
export * from './task/initial-parameters.ts';
export * from './task/local-training.ts';
export * from './task/loss-wishes.ts';
export * from './task/manifest.ts';
export * from './task/manifest-faults.ts';
export * from './task/merged-model.ts';
export * from './task/model.ts';
export * from './task/model-shape.ts';
export * from './task/parameter-tensors.ts';
export * from './task/round-plan.ts';
export * from './task/secure-aggregation-plan.ts';
export { type SumManifest, type SumPlan, sumLayout, sumPlan } from './task/secure-sum-plan.ts';
export { sumTask } from './task/sum-task.ts';
export { updateSize } from './task/update-size.ts';
export * from './update/adaptive-bits.ts';
export * from './update/carried.ts';
export * from './update/round-code.ts';
export * from './update/round-seed.ts';
export * from './update/settled-memory.ts';
export * from './update/sum-encoding.ts';
export {
  isUsable,
  type PlannedRing,
  plannedRing,
  SUM_ALARMS,
  type SumFacts,
  sumFactsSchema,
} from './update/sum-facts.ts';
export type { Tuning } from './update/tuning.ts';
export * from './update/update-length.ts';
export * from './wire/admin.ts';
export * from './wire/client-messages.ts';

export * from './wire/coded-frame.ts';

export * from './wire/coded-model.ts';

export * from './wire/coordinator-messages.ts';
export * from './wire/fields.ts';
export * from './wire/frame.ts';
export * from './wire/http.ts';
export * from './wire/ring-frame.ts';
export * from './wire/secure-sum-record.ts';
