export { clipToNorm, l2Norm } from './clip.ts';
export {
  type CohortRange,
  chooseGraph,
  feasibleCohorts,
  type GraphPlan,
  type SharingGraph,
} from './secagg/choose-degree.ts';
export { counterBlock } from './secagg/counter-block.ts';
export { taskHash } from './secagg/derivations.ts';
export { SECAGG_ERROR_CODES, SecAggError, type SecAggErrorCode } from './secagg/errors.ts';
export type * from './secagg/interface.ts';
export type { LaneSum, MaskStream, Sealing, SecAggCrypto, Sign } from './secagg/ports.ts';
export { transcript } from './secagg/transcript.ts';
