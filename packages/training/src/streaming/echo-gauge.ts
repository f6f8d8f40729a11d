/**
 * Data echoing (Choi et al. 2019): when reading an example takes R times as long as training on it, each one that was read may
 * train up to R times, so that the processor does not wait. The ratio is measured while both go on.
 */

export interface EchoGauge {
  hasRead(work: { readonly ms: number; readonly examples: number }): void;
  hasTrained(work: { readonly ms: number; readonly examples: number }): void;
  /** How often each of the examples that come next shall train: ceil(R), between 1 and the maximum. */
  factor(): number;
}

/** How much a new measurement counts: the first ones include compilation and cold caches. */
const WEIGHT = 0.3;

export function createEchoGauge(maximumFactor: number): EchoGauge {
  let readMs = Number.NaN;
  let trainMs = Number.NaN;
  const blend = (average: number, value: number): number =>
    Number.isNaN(average) ? value : average + WEIGHT * (value - average);
  return {
    hasRead({ ms, examples }) {
      readMs = blend(readMs, ms / examples);
    },
    hasTrained({ ms, examples }) {
      trainMs = blend(trainMs, ms / examples);
    },
    factor() {
      const ratio = readMs / trainMs;
      // Before both are known, and where training takes no time that the clock can see, nothing is repeated.
      if (!Number.isFinite(ratio)) return 1;
      return Math.max(1, Math.min(maximumFactor, Math.ceil(ratio)));
    },
  };
}
