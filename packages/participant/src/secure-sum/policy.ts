/** The rule of the data owner, which no coordinator can relax. */

/** In a sum of two, each can tell what the other's part was. */
export const LEAST_COHORT = 3;
export const USUAL_COHORT = 8;

export interface SecureSumPolicy {
  /**
   * The fewest people in whose sum an update of this device may disappear: of a closed cohort, and of its survivors. At
   * least `LEAST_COHORT`; looked at when a round gets so far.
   */
  readonly minimumCohort: number;
}

export const USUAL_POLICY: SecureSumPolicy = { minimumCohort: USUAL_COHORT };
