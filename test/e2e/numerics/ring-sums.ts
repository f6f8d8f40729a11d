/** Sums modulo 2^b on both implementations, as hashes; run in Node and in a browser by `ring-sums.spec.ts`. */
import {
  type Quantisation,
  quantise,
  quantiseInto,
  type RandomWords,
  type RingPlan,
  type RingVector,
  ringPlan,
} from '@tributary/compression';
import { blobHashOf, seededRandom, unitInterval } from '@tributary/fl-core';
import { createPlainRingVector } from '../../../packages/compression/src/ring/plain-ring-vector.ts';
import { createWasmRingVector } from '../../../packages/compression/src/ring/wasm-ring-vector.ts';

/** Over the border of a staged piece in every width, and no multiple of a vector. */
const LENGTH = 140_003;
const VALUE_BITS = [2, 3, 4, 6, 9, 11, 12, 16, 18, 19, 20, 24];
const COHORT = 30;
const PIECE = 16_384;

export interface RingSums {
  /** By width of the ring: of the plain implementation, and of the kernels, null where they cannot run. */
  readonly digests: Readonly<Record<string, { readonly plain: string; readonly kernels: string | null }>>;
}

export function ringSums(): RingSums {
  const digests: Record<string, { plain: string; kernels: string | null }> = {};
  for (const valueBits of VALUE_BITS) {
    const plan = ringPlan({ valueBits, bound: 1, ring: 'proven', maximumCohort: COHORT, length: LENGTH });
    if (plan.kind === 'impossible') throw new Error(plan.message);
    const kernels = createWasmRingVector(LENGTH, plan.bits);
    digests[`${plan.bits} bits`] = {
      plain: digestOf(createPlainRingVector(LENGTH, plan.bits), { plan, isPlain: true }),
      kernels: kernels && digestOf(kernels, { plan, isPlain: false }),
    };
  }
  return { digests };
}

/** An update that is quantised and masked, added to a sum, and unmasked there: each way in and each way out. */
function digestOf(
  vector: RingVector,
  { plan, isPlain }: { readonly plan: RingPlan; readonly isPlain: boolean },
): string {
  const random = seededRandom(`ring of ${vector.bits} bits`);
  const words: RandomWords = {
    fill: (into) => {
      for (let i = 0; i < into.length; i += 1) into[i] = random.nextUint32();
    },
  };
  const update = Float32Array.from({ length: LENGTH }, () => 3 * unitInterval(random) - 1.5);
  const masks = new Uint32Array(Math.ceil((LENGTH * vector.laneBytes) / 4));
  words.fill(masks);
  const stream = new Uint8Array(masks.buffer, 0, LENGTH * vector.laneBytes);

  const quantisation = { plan, scale: 0.9, random: words };
  if (isPlain) quantiseInPieces(vector, update, quantisation);
  else quantiseInto(vector, update, quantisation);
  vector.add(stream, 0);
  const masked = vector.packed();
  vector.addPacked(masked);
  vector.subtract(stream, 0);
  vector.subtract(stream, 0);
  const outcomes = [masked, vector.lanes(), vector.packed(), new Uint8Array(vector.signedValues().buffer)];
  return outcomes.map((bytes) => blobHashOf(bytes)).join(' ');
}

/** So few at a time are rounded plainly. */
function quantiseInPieces(vector: RingVector, update: Float32Array, quantisation: Quantisation): void {
  for (let from = 0; from < update.length; from += PIECE) {
    vector.addValues(quantise(update.subarray(from, from + PIECE), quantisation), from);
  }
}
