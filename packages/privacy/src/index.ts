export { clipToNorm, l2Norm } from './clip.ts';
export { bitmapOf, membersOf } from './secagg/bitmap.ts';
export {
  type CohortRange,
  chooseGraph,
  feasibleCohorts,
  type GraphPlan,
  type SharingGraph,
} from './secagg/choose-degree.ts';
export { openSecureSum, type SecureGroup, type SecureSum } from './secagg/client/secure-sum.ts';
export type { CohortPolicy, RosterAnnouncement } from './secagg/client/share-secrets.ts';
export { counterBlock } from './secagg/counter-block.ts';
export { taskHash } from './secagg/derivations.ts';
export { SECAGG_ERROR_CODES, SecAggError, type SecAggErrorCode } from './secagg/errors.ts';
export { type LabelFacts, labelOf, type SecureSumLabel } from './secagg/label.ts';
export { applyMasks, type Mask, type Slice } from './secagg/masks.ts';
export { memberBytes } from './secagg/member-bytes.ts';
export type { LaneSum, MaskStream, Sealing, SecAggCrypto, Sign } from './secagg/ports.ts';
export {
  closeRoster,
  type KeyOffer,
  OFFER_BYTES,
  parseOffer,
  parseRoster,
  type Roster,
} from './secagg/roster.ts';
export { readOffer } from './secagg/server/read-offer.ts';
export { recoverMasks } from './secagg/server/recover-masks.ts';
export { checkConfirmation, confirmationsFor } from './secagg/server/relay-confirmations.ts';
export { deliverShares, readSealedShares, type SealedShares } from './secagg/server/relay-shares.ts';
export { missingShares, type RevealedShare, readRevealed } from './secagg/server/revealed-shares.ts';
export { openServerSession, type Remaining, type ServerSession } from './secagg/server/server-session.ts';
export type { SecureSession } from './secagg/session.ts';
export type { SumTask, VectorShape } from './secagg/sum-task.ts';
export { transcript } from './secagg/transcript.ts';
