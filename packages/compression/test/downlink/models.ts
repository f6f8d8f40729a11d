/** Models as tests need them: drawn from a seed, and nothing of the platform. */

/** Numbers in [0, 1) by mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** By Box and Muller. */
export function normal(
  length: number,
  { deviation, seed }: { deviation: number; seed: number },
): Float32Array {
  const next = uniform(seed);
  return Float32Array.from(
    { length },
    () => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

/** Of the values of a model, as bits of entropy a value. */
export function entropyOf(values: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i += 1) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / values.length) * Math.log2(count / values.length);
  return entropy;
}
