/**
 * EDEN (Vargaftik et al. 2022): a random rotation makes the coordinates of any vector nearly normal, for which the best few
 * levels are known (Lloyd 1982, Max 1960), and a scale undoes, on average, what rounding to them takes away.
 *
 * Payload: a byte with the bits b; for each block of the rotation its scale, a float32; then b bits a coordinate, eight
 * coordinates in b bytes, from the least significant bit. A code is a sign above b - 1 bits of magnitude.
 */
import { CodecError } from '../errors.ts';
import { lengthOf } from '../shapes.ts';
import type { ClearContext, Coded } from './clear-code.ts';
import type { EdenPlanLike } from './clear-plan.ts';
import { type OwnMap, openOwnMap } from './own-map.ts';

/** Of the standard normal distribution; the negative ones mirror them. A test computes them. */
export const CENTROIDS = [
  [0.7978845608028654],
  [0.4527800346364967, 1.5104176087114887],
  [0.24509416307340598, 0.7560052489539643, 1.3439092613750225, 2.151945669890335],
  [
    0.12839501671105813, 0.38804823445328507, 0.6567589957631145, 0.9423402689122875, 1.2562309480263467,
    1.6180460517130526, 2.069016730231837, 2.732588804065177,
  ],
] as const;

/** Of a block: beyond it, rotating back could overflow, and no update is near it. */
const LARGEST_SCALE = 2 ** 100;

export function encodeEden(
  values: Float32Array,
  plan: EdenPlanLike,
  { seed, bits: wished }: Pick<ClearContext, 'seed' | 'bits'>,
): Coded {
  const bits = plan.adaptive && wished !== undefined ? Math.min(Math.max(wished, 1), plan.bits) : plan.bits;
  const map = openOwnMap(values.length, plan.fraction, seed);
  const isUnbiased = plan.feedback.mode === 'off';
  const rotated = map.rotate(map.sample(values));
  const { bytes, scales, codes } = openPayload(new Uint8Array(payloadBytes(map, bits)), map, bits);
  bytes[0] = bits;
  for (let block = 0; block * map.blockLength < map.to; block += 1) {
    const coordinates = rotated.subarray(block * map.blockLength, (block + 1) * map.blockLength);
    const scale = encodeBlock(coordinates, {
      bits,
      isUnbiased,
      codes,
      at: (block * map.blockLength * bits) / 8,
    });
    // Without feedback, the coordinates that do not travel are made up for by those that do.
    scales.setFloat32(4 * block, isUnbiased ? scale * map.correction : scale, true);
  }
  return { bytes, decoded: decodeWith(map, bytes, bits) };
}

export function decodeEden(
  bytes: Uint8Array,
  plan: EdenPlanLike,
  { shapes, seed }: Pick<ClearContext, 'shapes' | 'seed'>,
): Float32Array<ArrayBuffer> {
  const length = lengthOf(shapes);
  const map = openOwnMap(length, plan.fraction, seed);
  const bits = bytes[0];
  if (bits === undefined || bits < 1 || bits > plan.bits || (!plan.adaptive && bits !== plan.bits)) {
    throw new CodecError('codec-malformed', `an eden code of ${bits} bits where the plan has ${plan.bits}`);
  }
  if (bytes.length !== payloadBytes(map, bits)) {
    throw new CodecError(
      'codec-malformed',
      `an eden code of ${bytes.length} bytes instead of ${payloadBytes(map, bits)}`,
    );
  }
  return decodeWith(map, bytes, bits);
}

function payloadBytes({ to, blockLength }: OwnMap, bits: number): number {
  return 1 + (4 * to) / blockLength + (to * bits) / 8;
}

function openPayload<Bytes extends Uint8Array>(bytes: Bytes, { to, blockLength }: OwnMap, bits: number) {
  const codesAt = 1 + (4 * to) / blockLength;
  return {
    bytes,
    scales: new DataView(bytes.buffer, bytes.byteOffset + 1, codesAt - 1),
    codes: bytes.subarray(codesAt, codesAt + (to * bits) / 8),
  };
}

/**
 * @param codes are written from byte `at` on
 * @returns what the centroids are to be multiplied with: |y|^2 / <c, y> (section 3.2), so that the expectation is y over all
 * rotations; or, where feedback brings what is lost, <c, y> / |c|^2, which loses the least
 */
function encodeBlock(
  y: Float32Array,
  { bits, isUnbiased, codes, at }: { bits: number; isUnbiased: boolean; codes: Uint8Array; at: number },
): number {
  let energy = 0;
  for (let i = 0; i < y.length; i += 1) energy += y[i]! * y[i]!;
  const centroids = CENTROIDS[bits - 1]!;
  const deviation = Math.sqrt(energy / y.length);
  const thresholds = centroids.slice(1).map((c, i) => ((c + centroids[i]!) / 2) * deviation);
  let product = 0;
  let centroidEnergy = 0;
  for (let i = 0; i < y.length; i += 1) {
    const value = y[i]!;
    const magnitude = Math.abs(value);
    let level = 0;
    while (level < thresholds.length && magnitude > thresholds[level]!) level += 1;
    const centroid = centroids[level]!;
    product += magnitude * centroid;
    centroidEnergy += centroid * centroid;
    const code = (value < 0 ? 1 << (bits - 1) : 0) | level;
    const bit = i * bits;
    codes[at + (bit >>> 3)]! |= code << (bit & 7);
    if ((bit & 7) + bits > 8) codes[at + (bit >>> 3) + 1]! |= code >>> (8 - (bit & 7));
  }
  if (product === 0) return 0;
  const scale = isUnbiased ? energy / product : product / centroidEnergy;
  if (!(scale <= LARGEST_SCALE)) {
    throw new CodecError('codec-not-finite', 'the update is too large to be rotated');
  }
  return scale;
}

function decodeWith(map: OwnMap, payload: Uint8Array, bits: number): Float32Array<ArrayBuffer> {
  const { scales, codes } = openPayload(payload, map, bits);
  const rotated = new Float32Array(map.to);
  const centroids = CENTROIDS[bits - 1]!;
  const signBit = 1 << (bits - 1);
  for (let i = 0; i < map.to; i += 1) {
    const scale = scales.getFloat32(4 * Math.floor(i / map.blockLength), true);
    if (!(scale >= 0 && scale <= 2 * LARGEST_SCALE)) {
      throw new CodecError('codec-malformed', 'an eden code with a scale out of range');
    }
    const bit = i * bits;
    const code = ((codes[bit >>> 3]! | (codes[(bit >>> 3) + 1]! << 8)) >>> (bit & 7)) & (2 ** bits - 1);
    const magnitude = scale * centroids[code & (signBit - 1)]!;
    rotated[i] = code & signBit ? -magnitude : magnitude;
  }
  return map.spread(map.unrotate(rotated));
}
