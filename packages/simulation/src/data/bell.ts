/**
 * Bell-shaped draws by exact arithmetic only (a sum of uniforms, no logarithm or cosine), so that generated
 * data has the same bytes on every engine.
 */
import { type RandomSource, unitInterval } from '@tributary/fl-core';

/** Mean 0, standard deviation 0.58, within [-2, 2]. */
export function bell(random: RandomSource): number {
  return unitInterval(random) + unitInterval(random) + unitInterval(random) + unitInterval(random) - 2;
}

/** `centre` plus or minus about `spread` / 2. */
export function around(centre: number, spread: number, random: RandomSource): number {
  return centre + spread * bell(random);
}
