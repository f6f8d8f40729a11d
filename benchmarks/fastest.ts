/** The shortest of several times: what the work costs when nothing else disturbs the machine. */

/** Seconds of the fastest of `repeats` runs, after one that warms up. */
export function fastest(repeats: number, work: () => unknown): number {
  work();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i += 1) {
    const started = performance.now();
    work();
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}

/** To four significant digits, so that a table can be read. */
export const figure = (value: number): number => Number(value.toPrecision(4));
