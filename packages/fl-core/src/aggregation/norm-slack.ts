/** Rounding to float32 may lift a norm that was clipped exactly; this much is forgiven. */
export const NORM_SLACK = 1 + 1e-6;
