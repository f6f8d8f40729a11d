/** A hundred thousand cases of each index coding and each clear code: whole, and damaged. */
import {
  type ClearPlanLike,
  CodecError,
  type CodecMemory,
  decodeClear,
  encodeClear,
} from '@tributary/compression';
import { expect, it } from 'vitest';
import { decodeIndices, encodeIndices } from '../../src/clear/index-coding.ts';
import { seeded } from './samples.ts';

const CASES = 100_000;
const SEED = 20_260_801;
/** Milliseconds, on a slow machine that does other things, too. */
const PATIENCE = 600_000;

it(
  `gives the same indices back, or refuses damaged bytes, ${CASES} times (seed ${SEED})`,
  () => {
    const draw = drawing(SEED);
    const forms = new Map<number, number>();
    let refused = 0;
    for (let i = 0; i < CASES; i += 1) {
      const length = draw.sizeUpTo(600);
      const indices = draw.selection(length);
      const bytes = encodeIndices(indices, length);
      const form = Math.min(bytes[0]!, 32);
      forms.set(form, (forms.get(form) ?? 0) + 1);
      const of = { count: indices.length, length };
      if (!same(decodeIndices(bytes, of), indices)) throw new Error(`case ${i}: ${indices} of ${length}`);
      const damaged = unlessRefused(() => decodeIndices(draw.damage(bytes), of));
      if (damaged === null) refused += 1;
      else if (damaged.some((index, at) => index >= length || (at > 0 && index <= damaged[at - 1]!)))
        throw new Error(`case ${i}: damaged bytes gave ${damaged}`);
    }
    expect([...forms.keys()].sort()).toEqual([0, 1, 32]);
    expect(Math.min(...forms.values())).toBeGreaterThan(CASES / 50);
    expect(refused).toBeGreaterThan(CASES / 2);
  },
  PATIENCE,
);

it(
  `decodes top-k as the device did, or refuses damaged bytes, ${CASES} times (seed ${SEED})`,
  () => {
    fuzz((draw) => ({
      codec: 'top-k',
      fraction: [0.001, 0.1, 0.5, 1][draw.below(4)]!,
      valueBits: 2 + draw.below(7),
      momentum: draw.below(2) * 0.9,
      warmUpRounds: 5 * draw.below(2),
      feedback: draw.feedback(),
    }));
  },
  PATIENCE,
);

it(
  `decodes PowerSGD as the device did, or refuses damaged bytes, ${CASES} times (seed ${SEED})`,
  () => {
    fuzz((draw) => ({ codec: 'power-sgd', rank: 1 + draw.below(4), feedback: draw.feedback() }));
  },
  PATIENCE,
);

it(
  `decodes EDEN as the device did, or refuses damaged bytes, ${CASES} times (seed ${SEED})`,
  () => {
    fuzz((draw) => ({
      codec: 'eden',
      bits: 1 + draw.below(4),
      fraction: [0.05, 0.75, 1][draw.below(3)]!,
      adaptive: draw.below(2) === 1,
      feedback: draw.feedback(),
    }));
  },
  PATIENCE,
);

it(
  `decodes codebooks as the device did, or refuses damaged bytes, ${CASES} times (seed ${SEED})`,
  () => {
    fuzz((draw) => ({ codec: 'codebook', bits: 1 + draw.below(8), feedback: draw.feedback() }));
  },
  PATIENCE,
);

it(
  `decodes truncated floats as the device did, or refuses damaged bytes, ${CASES} times (seed ${SEED})`,
  () => {
    fuzz((draw) => ({ codec: 'truncated', mantissaBits: draw.below(23), feedback: draw.feedback() }));
  },
  PATIENCE,
);

function fuzz(planOf: (draw: Drawing) => ClearPlanLike): void {
  const draw = drawing(SEED);
  let memory: CodecMemory | null = null;
  let refused = 0;
  for (let i = 0; i < CASES; i += 1) {
    const plan = planOf(draw);
    const shapes = draw.shapes();
    const length = shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const context = {
      shapes,
      seed: new Uint8Array(32),
      random: seeded(i + 1),
      roundNumber: i + 2,
      committedRounds: draw.below(8),
      feedback: memory,
    };
    const code = encodeClear(draw.values(length), plan, context);
    const decoded = decodeClear(code.bytes, plan, context);
    if (!sameBits(decoded, code.decoded)) throw new Error(`case ${i}: ${JSON.stringify({ plan, shapes })}`);
    memory = code.memory ?? memory;
    const damaged = unlessRefused(() => decodeClear(draw.damage(code.bytes), plan, context));
    if (damaged === null) refused += 1;
    else if (damaged.length !== length || !damaged.every(Number.isFinite))
      throw new Error(`case ${i}: damaged bytes gave what no update is`);
  }
  expect(refused).toBeGreaterThan(CASES / 3);
}

type Drawing = ReturnType<typeof drawing>;

function drawing(seed: number) {
  const random = seeded(seed);
  const word = new Uint32Array(1);
  const below = (count: number): number => {
    random.fill(word);
    return Math.floor((word[0]! / 2 ** 32) * count);
  };
  /** Often none, one, or few. */
  const sizeUpTo = (most: number): number => below([1, 2, 9, most + 1][below(4)]!);
  return {
    below,
    sizeUpTo,
    feedback: () =>
      below(2) === 0 ? ({ mode: 'off' } as const) : ({ mode: 'on', expiresAfterRounds: 3 } as const),
    shapes: (): number[][] =>
      Array.from({ length: below(4) }, () => Array.from({ length: below(4) }, () => below(7))),
    /** None, all, scattered, or in runs. */
    selection: (length: number): Uint32Array => {
      const chance = [0, 0.02, 0.2, 0.7, 1][below(5)]!;
      const run = [1, 1, 30][below(3)]!;
      const kept: number[] = [];
      for (let start = 0; start < length; start += run) {
        if (below(1000) >= 1000 * chance) continue;
        for (let i = start; i < Math.min(start + run, length); i += 1) kept.push(i);
      }
      return Uint32Array.from(kept);
    },
    /** Of very different sizes, with zeros and ties. */
    values: (length: number): Float32Array => {
      const size = 2 ** (below(120) - 60);
      return Float32Array.from({ length }, () =>
        below(5) === 0 ? 0 : below(6) === 0 ? size : size * (below(2 ** 20) / 2 ** 19 - 1),
      );
    },
    /** Cut, lengthened, a byte changed, or none of its own left. */
    damage: (bytes: Uint8Array): Uint8Array => {
      const kind = below(4);
      if (kind === 0) return bytes.slice(0, below(bytes.length));
      if (kind === 1)
        return Uint8Array.of(...bytes, ...Array.from({ length: 1 + below(5) }, () => below(256)));
      if (kind === 2) {
        const copy = bytes.slice();
        copy[below(bytes.length)]! ^= 1 + below(255);
        return copy;
      }
      return Uint8Array.from({ length: below(20) }, () => below(256));
    },
  };
}

/** Null when the bytes were refused with a code; whatever else is thrown is a fault. */
function unlessRefused<Result>(decode: () => Result): Result | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CodecError && error.code === 'codec-malformed') return null;
    throw error;
  }
}

const same = (a: Uint32Array, b: Uint32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

const sameBits = (a: Float32Array, b: Float32Array): boolean =>
  same(new Uint32Array(a.buffer, a.byteOffset, a.length), new Uint32Array(b.buffer, b.byteOffset, b.length));
