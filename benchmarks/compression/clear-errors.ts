/** What clear codes lose: |x - decoded|^2 / |x|^2 of one update, the vNMSE, against the bits that they send. */
import { decodeClear, encodeClear } from '@tributary/compression';
import type { BenchmarkRow } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import { CLEAR_CODES, type MeasuredClearCode } from './clear-codes.ts';
import { distortionOf } from './distortion.ts';
import { seededWords, seedOf } from './seeded-words.ts';
import type { TestVector } from './vectors.ts';

/** Within which a published figure is met. */
const TOLERANCE = 0.02;
/** Coordinates that are coded for one figure, at least: less would leave too much to chance. */
const CODED = 2 ** 20;

export function clearErrors(vector: TestVector): BenchmarkRow[] {
  return CLEAR_CODES.map((code) => errorOf(code, vector));
}

function errorOf(
  { name, plan, published }: MeasuredClearCode,
  { source, shapes, values }: TestVector,
): BenchmarkRow {
  const repeats = Math.ceil(CODED / values.length);
  let vNMSE = 0;
  let bytes = 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const seed = seedOf(repeat);
    const code = encodeClear(values, plan, {
      ...{ shapes, seed, roundNumber: 1, committedRounds: 0, feedback: null },
      random: seededWords(`${name} ${repeat}`),
    });
    vNMSE += distortionOf(values, decodeClear(code.bytes, plan, { shapes, seed })) / repeats;
    bytes += code.bytes.length / repeats;
  }
  const bits = (8 * bytes) / values.length;
  const limit = published === null ? null : published * (1 + TOLERANCE);
  return {
    family: 'clear',
    code: name,
    source,
    elements: values.length,
    bitsPerElement: figure(bits),
    vNMSE: figure(vNMSE),
    published,
    rateDistortionBound: figure(2 ** (-2 * bits)),
    limit: limit === null ? null : figure(limit),
    meetsLimit: limit === null ? null : vNMSE <= limit,
  };
}
