/**
 * The one door through which randomness comes: a cryptographic source in production, a seeded one in
 * tests, plans and simulations.
 */
export interface RandomSource {
  /** Uniform in [0, 2^32). */
  nextUint32(): number;
}
