/** What members sum: values that differ between members and elements, and cost next to nothing to make again. */
import type { SumCase } from './cases.ts';
import { largestValue, TAIL_LENGTH } from './secure-sum-of.ts';

/** Elements repeat after so many, shifted from member to member. */
const PERIOD = 65_521;

export function inputOf(of: SumCase, member: number): Int32Array[] {
  const pattern = patternOf(of);
  const values = new Int32Array(of.params);
  const shift = (member * 7919) % PERIOD;
  for (let at = 0, from = shift; at < of.params; from = 0) {
    const part = pattern.subarray(from, Math.min(PERIOD, from + of.params - at));
    values.set(part, at);
    at += part.length;
  }
  return [values, Int32Array.from({ length: TAIL_LENGTH }, (_, at) => member + at)];
}

let last: { readonly most: number; readonly pattern: Int32Array } | undefined;

function patternOf({ bits, n }: SumCase): Int32Array {
  const most = largestValue(bits, n);
  if (last?.most !== most) last = { most, pattern: patternWithin(most) };
  return last.pattern;
}

function patternWithin(most: number): Int32Array {
  let state = 12_345;
  return Int32Array.from({ length: PERIOD }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 4) % (2 * most + 1)) - most;
  });
}

/** Modulo 2^b, as the ring has it: signed. */
export function plainSum(of: SumCase, members: readonly number[]): Int32Array[] {
  const sums = [new Int32Array(of.params), new Int32Array(TAIL_LENGTH)] as const;
  for (const member of members) {
    for (const [vector, values] of inputOf(of, member).entries()) {
      const sum = sums[vector]!;
      for (let at = 0; at < sum.length; at += 1) sum[at]! += values[at]!;
    }
  }
  const unused = 32 - of.bits;
  return [sums[0].map((value) => (value << unused) >> unused), sums[1]];
}
