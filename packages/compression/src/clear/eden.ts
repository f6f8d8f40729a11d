/**
 * EDEN (Vargaftik et al. 2022): a random rotation makes the coordinates of nearly any vector nearly normal. For those the best
 * few levels are known (Lloyd 1982, Max 1960), and a scale undoes, on average, what rounding to them takes away. What the
 * device does not send, by its own random choice of coordinates, the others of them make up for.
 *
 * The rotation is of blocks; each is a vector of its own with a scale of its own, without which one that holds a few large
 * values would be shrunk, and the others stretched.
 *
 * Payload: a byte with the bits b; the scales, float32; the codes, a sign above b - 1 bits of magnitude. Rotation and choice
 * follow from a seed that both sides know.
 */
import { type LinearMap, openLinearMap } from '../additive/linear-map.ts';
import { CodecError } from '../errors.ts';
import type { ClearContext, Coded } from './clear-code.ts';
import type { EdenPlanLike } from './clear-plan.ts';
import { decodeCodes, encodeCodes } from './codes.ts';

/** For 1, 2, 3 and 4 bits, those of the standard normal distribution that are positive; a test computes them. */
export const CENTROIDS = [
  [0.7978845608],
  [0.4527800346, 1.5104176085],
  [0.2450941789, 0.7560052812, 1.3439092785, 2.1519457045],
  [
    0.1283950299, 0.3880482995, 0.6567591185, 0.9423404565, 1.2562311973, 1.618046386, 2.0690172265,
    2.7325895711,
  ],
] as const;

/** Larger ones could overflow when they are rotated back, and no update is near them. */
const LARGEST_SCALE = 2 ** 100;

/** @throws CodecError `codec-not-finite` when values are so large that their rotation is not finite */
export function codeEden(
  values: Float32Array,
  plan: EdenPlanLike,
  { shapes, seed, bits: wished }: Pick<ClearContext, 'shapes' | 'seed' | 'bits'>,
): Coded {
  const bits = plan.adaptive ? Math.max(1, Math.min(wished ?? plan.bits, plan.bits)) : plan.bits;
  const map = mapOf(plan, shapes, seed);
  const { codes, scales } = quantise(map.rotated(map.sample(values)), map.blocks, bits, {
    isUnbiased: plan.feedback.mode === 'off',
    correction: map.from / map.kept,
  });
  const coded = encodeCodes(codes, bits);
  const bytes = new Uint8Array(1 + 4 * scales.length + coded.length);
  bytes[0] = bits;
  const view = new DataView(bytes.buffer, 1);
  for (let block = 0; block < scales.length; block += 1) view.setFloat32(4 * block, scales[block]!, true);
  bytes.set(coded, 1 + 4 * scales.length);
  return { bytes, decoded: reconstruct(map, codes, scales, bits) };
}

export function decodeEden(
  bytes: Uint8Array,
  plan: EdenPlanLike,
  { shapes, seed }: Pick<ClearContext, 'shapes' | 'seed'>,
): Float32Array<ArrayBuffer> {
  const bits = bytes[0];
  if (bits === undefined || bits < 1 || bits > plan.bits || (bits < plan.bits && !plan.adaptive)) {
    throw malformed();
  }
  const map = mapOf(plan, shapes, seed);
  const codesAt = 1 + 4 * map.blocks;
  if (bytes.length < codesAt) throw malformed();
  const view = new DataView(bytes.buffer, bytes.byteOffset + 1, 4 * map.blocks);
  const scales = Float32Array.from({ length: map.blocks }, (_, block) => view.getFloat32(4 * block, true));
  if (!scales.every((scale) => scale >= 0 && scale <= LARGEST_SCALE)) throw malformed();
  const codes = decodeCodes(bytes.subarray(codesAt), { bits, count: 2 ** bits, length: map.to });
  return reconstruct(map, codes, scales, bits);
}

function mapOf({ fraction }: EdenPlanLike, shapes: ClearContext['shapes'], seed: Uint8Array): LinearMap {
  const sampling = fraction < 1 ? ({ kind: 'random-k', fraction } as const) : ({ kind: 'all' } as const);
  return openLinearMap({ sampling, rotation: 'blocks' }, shapes, seed);
}

/**
 * For each block, and in proportion to its root mean square, each coordinate becomes the nearest centroid c. The scale is
 * |y|^2 / <c, y> (section 3.2), with which the expectation over all rotations is the vector; or, where feedback brings back
 * what is lost, <c, y> / |c|^2, which loses the least.
 */
function quantise(
  rotated: Float32Array,
  blocks: number,
  bits: number,
  { isUnbiased, correction }: { isUnbiased: boolean; correction: number },
): { codes: Uint8Array; scales: Float32Array } {
  const energies = energiesOf(rotated, blocks);
  const blockLength = rotated.length / blocks;
  const inverses = energies.map((energy) => (energy > 0 ? Math.sqrt(blockLength / energy) : 0));
  const { codes, products } = nearestCentroids(rotated, inverses, bits);
  const [above, below] = isUnbiased
    ? [energies, products]
    : [products, centroidEnergiesOf(codes, blocks, bits)];
  const factor = isUnbiased ? correction : 1;
  const scales = Float32Array.from({ length: blocks }, (_, block) =>
    products[block] === 0 ? 0 : (factor * above[block]!) / below[block]!,
  );
  if (!scales.every((scale) => scale <= LARGEST_SCALE)) {
    throw new CodecError('codec-not-finite', 'the update holds values that are too large to be rotated');
  }
  return { codes, scales };
}

/** Coordinate i belongs to block i mod `blocks`. */
function energiesOf(rotated: Float32Array, blocks: number): Float64Array {
  const energies = new Float64Array(blocks);
  for (let row = 0; row < rotated.length; row += blocks) {
    for (let block = 0; block < blocks; block += 1) {
      const value = rotated[row + block]!;
      energies[block] = energies[block]! + value * value;
    }
  }
  return energies;
}

/** Of a standard deviation: finer ones change the error by less than a millionth. */
const STEPS = 1024;
/** Beyond it lies the last centroid of each. */
const TABLE_END = 4;
/** Which centroid is nearest to each step: looked up, because a processor cannot guess what comparisons will say. */
const NEAREST = CENTROIDS.map((centroids) =>
  Uint8Array.from({ length: STEPS * TABLE_END }, (_, step) => {
    const magnitude = (step + 0.5) / STEPS;
    return centroids.findLastIndex((c, i) => i === 0 || magnitude > (c + centroids[i - 1]!) / 2);
  }),
);

function nearestCentroids(rotated: Float32Array, inverses: Float64Array, bits: number) {
  const blocks = inverses.length;
  const centroids = Float64Array.from(CENTROIDS[bits - 1]!);
  const nearest = NEAREST[bits - 1]!;
  const floats = new Uint32Array(rotated.buffer, rotated.byteOffset, rotated.length);
  const codes = new Uint8Array(rotated.length);
  const products = new Float64Array(blocks);
  for (let row = 0; row < rotated.length; row += blocks) {
    for (let block = 0; block < blocks; block += 1) {
      const magnitude = Math.abs(rotated[row + block]!);
      const step = Math.min(magnitude * inverses[block]! * STEPS, STEPS * TABLE_END - 1);
      const index = nearest[step | 0]!;
      const centroid = centroids[index]!;
      products[block] = products[block]! + magnitude * centroid;
      codes[row + block] = ((floats[row + block]! >>> 31) << (bits - 1)) | index;
    }
  }
  return { codes, products };
}

function centroidEnergiesOf(codes: Uint8Array, blocks: number, bits: number): Float64Array {
  const squares = signedCentroids(bits).map((c) => c * c);
  const energies = new Float64Array(blocks);
  for (let row = 0; row < codes.length; row += blocks) {
    for (let block = 0; block < blocks; block += 1) {
      energies[block] = energies[block]! + squares[codes[row + block]!]!;
    }
  }
  return energies;
}

function reconstruct(
  map: LinearMap,
  codes: Uint8Array,
  scales: Float32Array,
  bits: number,
): Float32Array<ArrayBuffer> {
  const centroids = signedCentroids(bits);
  const rotated = new Float32Array(map.to);
  for (let row = 0; row < rotated.length; row += scales.length) {
    for (let block = 0; block < scales.length; block += 1) {
      rotated[row + block] = scales[block]! * centroids[codes[row + block]!]!;
    }
  }
  return map.spread(map.unrotate(rotated));
}

/** By code: the sign is above the magnitude. */
function signedCentroids(bits: number): Float64Array {
  const positive = CENTROIDS[bits - 1]!;
  return Float64Array.of(...positive, ...positive.map((c) => -c));
}

function malformed(): CodecError {
  return new CodecError('codec-malformed', 'bytes that no code of EDEN has');
}
