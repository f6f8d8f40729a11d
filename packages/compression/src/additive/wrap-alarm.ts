/**
 * Whether a sum has wrapped cannot be seen in it; that it came close can. What is looked at is the decoded sum, of which
 * everything is published anyway.
 */
import { normalTail } from './normal-tail.ts';

/** Beyond this share of half the ring, an element is near its edge. */
const NEAR = 0.9;
/** ln of one over the chance of a false alarm in a sum that is as it was planned. */
const CERTAINTY = Math.log(1e6);
/**
 * Root mean square, in halves of the ring, of a normal sum of which three elements in a hundred have wrapped. Each is
 * wrong by 2k of the sum's deviations: that is more than half as much error as update.
 */
export const SEVERE_RMS = 0.439;

export interface RingFill {
  readonly elements: number;
  readonly nearEdge: number;
  /** In steps. */
  readonly rms: number;
}

/** @param sum decoded, in steps: within [-2^(b-1), 2^(b-1)) */
export function ringFillOf(sum: ArrayLike<number>, ringBits: number): RingFill {
  const edge = NEAR * 2 ** (ringBits - 1);
  let [squares, nearEdge] = [0, 0];
  for (let i = 0; i < sum.length; i += 1) {
    const value = sum[i]!;
    squares += value * value;
    if (Math.abs(value) > edge) nearEdge += 1;
  }
  return { elements: sum.length, nearEdge, rms: Math.sqrt(squares / Math.max(sum.length, 1)) };
}

/**
 * `alarm`: more elements near the edge than a normal sum of the planned width has, but once in a million such sums
 * (Bernstein's inequality). `severe`: the sum is so wide that more than three elements in a hundred have wrapped.
 * @param planned as the step was chosen: k standard deviations in half a ring of 2^b
 */
export function wrapAlarm(
  { elements, nearEdge, rms }: RingFill,
  planned: { readonly ringBits: number; readonly standardDeviations: number },
): 'quiet' | 'alarm' | 'severe' {
  if (rms > SEVERE_RMS * 2 ** (planned.ringBits - 1)) return 'severe';
  const expected = elements * normalTail(NEAR * planned.standardDeviations);
  const excess = CERTAINTY / 3 + Math.sqrt((CERTAINTY / 3) ** 2 + 2 * CERTAINTY * expected);
  return nearEdge > expected + excess ? 'alarm' : 'quiet';
}
