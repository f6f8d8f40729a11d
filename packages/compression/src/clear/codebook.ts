/**
 * Up to 2^b levels made for one update, which travel with it.
 *
 * They begin at the quantiles of the cube root of the values' density, where quantisers with many levels have them (Panter
 * and Dite 1951): at the quantiles of the values themselves, the tails would have one interval each, and lose more than
 * with levels at equal distances. Then each is moved to the best place between its neighbours, a few times.
 *
 * Without feedback a value goes to one of its two neighbours by chance, so that its expectation is the value, and the best
 * levels are those of Zhang et al. 2017 (section 3). With feedback it goes to the nearest, and the best are those of Lloyd 1982:
 * half the error, and a bias that comes back.
 *
 * Payload: how many levels less one, a byte; the levels, float32, ascending; the codes.
 */
import { CodecError } from '../errors.ts';
import { lengthOf } from '../shapes.ts';
import type { RandomWords } from '../stochastic-rounding.ts';
import type { ClearContext, Coded } from './clear-code.ts';
import type { PlanOf } from './clear-plan.ts';
import { decodeCodes, encodeCodes } from './codes.ts';
import { bestLevels, searchAll } from './levels.ts';

/** As many words as browsers give at once. */
const PIECE = 16_384;

export function codeCodebook(
  values: Float32Array,
  { bits, feedback }: PlanOf<'codebook'>,
  { random }: Pick<ClearContext, 'random'>,
): Coded {
  if (values.length === 0) return { bytes: new Uint8Array(0), decoded: new Float32Array(0) };
  const rounding = feedback.mode === 'on' ? 'nearest' : 'stochastic';
  const levels = bestLevels(values, 2 ** bits, rounding);
  const codes = rounding === 'nearest' ? nearestCodes(values, levels) : codesByChance(values, levels, random);
  const coded = encodeCodes(codes, bits);
  const bytes = new Uint8Array(1 + 4 * levels.length + coded.length);
  bytes[0] = levels.length - 1;
  const view = new DataView(bytes.buffer, 1);
  for (let i = 0; i < levels.length; i += 1) view.setFloat32(4 * i, levels[i]!, true);
  bytes.set(coded, 1 + 4 * levels.length);
  return { bytes, decoded: levelOfEach(codes, levels) };
}

/** @throws CodecError `codec-malformed` */
export function decodeCodebook(
  bytes: Uint8Array,
  { bits }: PlanOf<'codebook'>,
  { shapes }: Pick<ClearContext, 'shapes'>,
): Float32Array<ArrayBuffer> {
  const length = lengthOf(shapes);
  if (length === 0 && bytes.length === 0) return new Float32Array(0);
  const count = (bytes[0] ?? 0) + 1;
  const codesAt = 1 + 4 * count;
  if (length === 0 || count > 2 ** bits || bytes.length < codesAt) throw malformed();
  const view = new DataView(bytes.buffer, bytes.byteOffset + 1, 4 * count);
  const levels = Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  const isAscending = levels.every(
    (level, i) => Number.isFinite(level) && (i === 0 || level > levels[i - 1]!),
  );
  if (!isAscending) throw malformed();
  return levelOfEach(decodeCodes(bytes.subarray(codesAt), { bits, count, length }), levels);
}

function nearestCodes(values: Float32Array, levels: Float32Array): Uint8Array {
  return searchAll(
    values,
    Float32Array.from({ length: levels.length - 1 }, (_, i) => (levels[i]! + levels[i + 1]!) / 2),
  );
}

function codesByChance(values: Float32Array, levels: Float32Array, random: RandomWords): Uint8Array {
  // The level below each value, and never the last one, which has none above.
  const codes = searchAll(values, levels.subarray(1, -1));
  if (levels.length === 1) return codes;
  const inverseWidths = Float64Array.from(
    { length: levels.length - 1 },
    (_, i) => 1 / (levels[i + 1]! - levels[i]!),
  );
  const words = new Uint32Array(PIECE);
  for (let from = 0; from < values.length; from += PIECE) {
    const to = Math.min(from + PIECE, values.length);
    const chances = words.subarray(0, to - from);
    random.fill(chances);
    for (let i = from; i < to; i += 1) {
      const below = codes[i]!;
      const share = (values[i]! - levels[below]!) * inverseWidths[below]!;
      codes[i] = below + (chances[i - from]! * 2 ** -32 < share ? 1 : 0);
    }
  }
  return codes;
}

function levelOfEach(codes: Uint8Array, levels: Float32Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) values[i] = levels[codes[i]!]!;
  return values;
}

function malformed(): CodecError {
  return new CodecError('codec-malformed', 'bytes that no codebook has');
}
