/** What a device with a slow connection spends on a value, where the plan leaves it the choice. */
import { longestClearCode } from '@tributary/compression';
import type { TensorShape } from '../parameters.ts';
import type { CompressionPlan } from '../task/compression-plan.ts';

/** An upload that is to take all of the time that there is for it would often come too late. */
const SHARE_OF_TIME = 1 / 3;

/**
 * The most bits a value, at most the plan's and one at least, whose upload fits into a third of its time; null where the plan
 * fixes them.
 * @param bytesPerSecond as measured; null before anything was
 * @param seconds that an upload of this run has
 */
export function adaptiveBits(
  plan: CompressionPlan,
  connection: {
    readonly shapes: readonly TensorShape[];
    readonly bytesPerSecond: number | null;
    readonly seconds: number;
  },
): number | null {
  if (plan.codec !== 'eden' || !plan.adaptive) return null;
  const { shapes, bytesPerSecond, seconds } = connection;
  if (bytesPerSecond === null) return plan.bits;
  const room = bytesPerSecond * seconds * SHARE_OF_TIME;
  let bits = plan.bits;
  while (bits > 1 && longestClearCode({ ...plan, bits }, shapes) > room) bits -= 1;
  return bits;
}
