/** Which candidates a round invites: uniform without replacement, from a seed, whatever order they came in. */
import type { ClientId } from '../identifiers.ts';
import { integerBelow } from '../random/draws.ts';
import { seededRandom } from '../random/xoshiro.ts';

/** The first `count` of a Fisher-Yates shuffle over the sorted candidates. */
export function sampleCohort(
  candidates: readonly ClientId[],
  options: { readonly count: number; readonly seed: string },
): ClientId[] {
  const pool = [...candidates].sort();
  const random = seededRandom(`cohort/${options.seed}`);
  const count = Math.min(options.count, pool.length);
  for (let chosen = 0; chosen < count; chosen += 1) {
    const other = chosen + integerBelow(random, pool.length - chosen);
    [pool[chosen], pool[other]] = [pool[other]!, pool[chosen]!];
  }
  return pool.slice(0, count);
}
