/** Additive codes as tabs and coordinators take them apart: all that happens between a model delta and packed integers. */
import {
  createLaneSum,
  ditherOf,
  type LinearPlan,
  openLinearMap,
  quantiseInto,
  type Rounding,
  subtractDither,
} from '@tributary/compression';
import { clipToNorm } from '@tributary/privacy';
import { seedOf } from './seeded-words.ts';
import type { TimedCode } from './speeds.ts';

interface AdditiveCase {
  readonly bits: number;
  readonly rounding: Rounding;
  readonly sampling?: LinearPlan['sampling'];
}

const CASES: readonly AdditiveCase[] = [
  { bits: 4, rounding: 'dithered' },
  { bits: 4, rounding: 'dithered', sampling: { kind: 'random-k', fraction: 0.95 } },
  { bits: 8, rounding: 'stochastic' },
  { bits: 8, rounding: 'dithered' },
  { bits: 16, rounding: 'stochastic' },
];

/** Of encoding at 8 bits, in milliseconds. */
const GOALS = { Node: 12, Chromium: 25 };
const STREAM = 1;

export function additiveCodes(values: Float32Array, shapes: readonly (readonly number[])[]): TimedCode[] {
  return CASES.map((one) => timedCode(one, values, shapes));
}

/** Norm and clip, sampling, rotation, rounding and packing. */
function timedCode(
  { bits, rounding, sampling = { kind: 'all' } }: AdditiveCase,
  values: Float32Array,
  shapes: readonly (readonly number[])[],
): TimedCode {
  const seed = seedOf(1);
  const step = 6 / 2 ** bits;
  const plan = { sampling, rotation: 'blocks' } as const;
  const encode = () => {
    const map = openLinearMap(plan, shapes, seed);
    const kept = map.sample(values);
    clipToNorm(kept, 1e6);
    const code = createLaneSum(map.to, bits);
    const random = rounding === 'dithered' ? ditherOf(seed, STREAM) : privateWords;
    quantiseInto(code, map.rotated(kept), { plan: { step, levels: null }, scale: 1, random });
    return code.packed();
  };
  const packed = encode();
  const decode = () => {
    const map = openLinearMap(plan, shapes, seed);
    const sum = createLaneSum(map.to, bits);
    sum.addPacked(packed);
    const steps = Float64Array.from(sum.signedValues());
    if (rounding === 'dithered') subtractDither(steps, { seed, streams: [STREAM], bits });
    const rotated = new Float32Array(steps.length);
    for (let i = 0; i < steps.length; i += 1) rotated[i] = steps[i]! * step;
    return map.estimate(map.unrotate(rotated));
  };
  const part = sampling.kind === 'random-k' ? `, of ${sampling.fraction}` : '';
  return {
    family: 'additive',
    name: `rotated, ${bits} bits, ${rounding}${part}`,
    encode,
    decode,
    ...(bits === 8 && { goals: GOALS }),
  };
}

export const privateWords = {
  fill: (words: Uint32Array<ArrayBuffer>) => void globalThis.crypto.getRandomValues(words),
};
