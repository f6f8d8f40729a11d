/**
 * How long it takes to code an update of a million parameters and to read it, beside a copy of the same floats, which is
 * what the memory allows. The same module runs in Node and in a worker of a browser.
 */
import { decodeClear, encodeClear } from '@tributary/compression';
import type { BenchmarkRow } from '../benchmark.ts';
import { fastest, figure } from '../fastest.ts';
import { additiveCodes, privateWords } from './additive-speeds.ts';
import { CLEAR_CODES } from './clear-codes.ts';
import { seedOf } from './seeded-words.ts';

const SHAPES = [[1000, 1000]];
const LENGTH = 1_000_000;

export interface SpeedOptions {
  readonly runtime: string;
  readonly repeats: number;
}

/** Of one code: both sides, ready to be called again and again. */
export interface TimedCode {
  readonly family: 'additive' | 'clear';
  readonly name: string;
  encode(): unknown;
  decode(): unknown;
  /** Of `encode`, in milliseconds, by where it runs. */
  readonly goals?: Readonly<Record<'Node' | 'Chromium', number>>;
}

export function measureSpeeds({ runtime, repeats }: SpeedOptions): BenchmarkRow[] {
  const values = Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(i * i));
  const target = new Float32Array(LENGTH);
  const copySeconds = fastest(3 * repeats, () => target.set(values));
  return [...additiveCodes(values, SHAPES), ...clearCodes(values)].map((code) => {
    const encodeSeconds = fastest(repeats, () => code.encode());
    const decodeSeconds = fastest(repeats, () => code.decode());
    const goal = code.goals?.[runtime.startsWith('Node') ? 'Node' : 'Chromium'] ?? null;
    return {
      measure: 'speed',
      family: code.family,
      code: code.name,
      runtime,
      elements: LENGTH,
      encodeMilliseconds: figure(1000 * encodeSeconds),
      decodeMilliseconds: figure(1000 * decodeSeconds),
      gigabytesPerSecond: figure((4e-9 * LENGTH) / (encodeSeconds + decodeSeconds)),
      timesOfACopy: figure((encodeSeconds + decodeSeconds) / copySeconds),
      limit: goal,
      meetsLimit: goal === null ? null : 1000 * encodeSeconds <= goal,
    };
  });
}

function clearCodes(values: Float32Array): TimedCode[] {
  return CLEAR_CODES.map(({ name, plan }) => {
    const context = { shapes: SHAPES, seed: seedOf(1) };
    const encode = () =>
      encodeClear(values, plan, {
        ...context,
        random: privateWords,
        ...{ roundNumber: 1, committedRounds: 0, feedback: null },
      });
    const { bytes } = encode();
    return { family: 'clear', name, encode, decode: () => decodeClear(bytes, plan, context) };
  });
}
