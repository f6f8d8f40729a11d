/** A sum of updates that does not care whose they are. */
import type { RingVector } from '@tributary/compression';
import type { Survivor } from '../round/round-state.ts';
import type { SumFacts } from '../update/sum-facts.ts';
import type { CheckedUpdate } from './check-update.ts';
import type { Tail } from './tail.ts';

export interface Addends {
  add(update: CheckedUpdate, survivor: Survivor): void;
  /**
   * Where updates are integers of a ring: the sum of the updates and of their tails, as they came. With secure aggregation
   * masks are in them, which come off in place (`applyMasks`). Empty otherwise.
   */
  readonly vectors: readonly RingVector[];
  /**
   * The weighted mean; call it once, when every survivor is in and no mask.
   * @throws TributaryError `weight-out-of-range` when the counts in the sum are not those of its updates
   */
  mean(): Float64Array;
  /** What the tails add up to; null where updates have none. */
  tally(): Tail | null;
  /** What is seen of the sum where the run tunes its step; before `mean`, once no mask is in it. Null elsewhere. */
  facts(): SumFacts | null;
}
