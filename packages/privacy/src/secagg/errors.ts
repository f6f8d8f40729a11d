/** Why a party of the secure sum went no further. `code` is stable and crosses the wire. */
export const SECAGG_ERROR_CODES = [
  /** No neighbourhood and threshold fit the plan; the message says what would be possible. */
  'secagg-parameters-impossible',
  /** What was announced is not what both sides compute from the plan: ring, graph, thresholds, session. */
  'secagg-plan-mismatch',
  /** The group is smaller than this device's policy or the plan allows. */
  'secagg-cohort-too-small',
  'secagg-roster-too-large',
  /** The roster is not what its entries, its root or its signatures say; or this device is not in it as it offered itself. */
  'secagg-roster-invalid',
  /** A second roster, second survivors or second question for one session. */
  'secagg-equivocation',
  /** Another session's message, or one out of turn. */
  'secagg-stage-mismatch',
  /** A public key of low order, or one that occurs twice. */
  'secagg-key-invalid',
  /** A share did not open, or is not the one its dealer published. */
  'secagg-share-invalid',
  /** The survivors contradict themselves or what came before: alive and dead, never in the cohort, this device dead. */
  'secagg-survivors-invalid',
  /** Fewer valid signatures under the survivors than the threshold. */
  'secagg-survivors-unconfirmed',
  /** Too few shares for a secret: the sum stays hidden. */
  'secagg-below-threshold',
  /** The rebuilt secret is not the one that was committed to: its dealer lied. */
  'secagg-dealer-inconsistent',
  /** The secrets of this session are no longer on this device. */
  'secagg-state-lost',
  'secagg-message-malformed',
] as const;

export type SecAggErrorCode = (typeof SECAGG_ERROR_CODES)[number];

/** `message` is for people and never holds a secret. */
export class SecAggError extends Error {
  readonly code: SecAggErrorCode;

  constructor(code: SecAggErrorCode, message: string) {
    super(message);
    this.name = 'SecAggError';
    this.code = code;
  }
}
