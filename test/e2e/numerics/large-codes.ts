/** Codes of updates so large that kernels compute them, as hashes; run in Node and in a browser by `same-bits.spec.ts`. */
import {
  type ClearPlanLike,
  createLaneSum,
  ditherOf,
  encodeClear,
  openLinearMap,
  philoxWords,
  quantiseInto,
  subtractDither,
} from '@tributary/compression';
import { blobHashOf } from '@tributary/fl-core';
import { openWasmBlocks, plainBlocks } from '../../../packages/compression/src/additive/philox.ts';
import {
  openPlainWorkplace,
  openWasmWorkplace,
} from '../../../packages/compression/src/additive/rotation-workplace.ts';

const SHAPES = [[300, 301], [301], [301, 10]];
const LENGTH = 300 * 301 + 301 + 301 * 10;
const SEED = Uint8Array.from({ length: 32 }, (_, i) => 11 * i + 3);
const OFF = { mode: 'off' } as const;
const FED = { mode: 'on', expiresAfterRounds: 20 } as const;

const CLEAR: readonly ClearPlanLike[] = [
  ...[1, 2, 3, 4].map(
    (bits): ClearPlanLike => ({ codec: 'eden', bits, fraction: 1, adaptive: false, feedback: OFF }),
  ),
  { codec: 'eden', bits: 1, fraction: 0.75, adaptive: false, feedback: FED },
  { codec: 'codebook', bits: 4, feedback: OFF },
  { codec: 'top-k', fraction: 0.01, valueBits: 8, momentum: 0.9, warmUpRounds: 0, feedback: FED },
  { codec: 'truncated', mantissaBits: 7, feedback: OFF },
  { codec: 'power-sgd', rank: 2, feedback: FED },
];

export function largeCodes(): Record<string, string> {
  const values = update();
  const additive = [4, 8, 15].flatMap((bits) =>
    (['stochastic', 'dithered'] as const).map((rounding) => additiveDigest(values, { bits, rounding })),
  );
  return Object.fromEntries([...CLEAR.map((plan) => clearDigest(values, plan)), ...additive]);
}

export interface KernelDigests {
  readonly plain: string;
  /** Null where they cannot run. */
  readonly kernels: string | null;
}

export function linearKernels(): Record<string, KernelDigests> {
  const stream = { seed: SEED, stream: 5 };
  const blocks = openWasmBlocks();
  const words = {
    plain: digestOf(plainBlocks(stream, 1000, 100).slice()),
    kernels: blocks && digestOf(blocks(stream, 1000, 100).slice()),
  };
  const rotations = [
    { blockLength: 256, blocks: 3 },
    { blockLength: 4096, blocks: 23 },
    { blockLength: 65_536, blocks: 1 },
  ].map((shape) => {
    const signs = new Uint32Array((shape.blockLength * shape.blocks) / 32);
    for (let from = 0; from < signs.length; from += 16_384) {
      philoxWords(SEED, 6, from).fill(signs.subarray(from, from + 16_384));
    }
    const scale = Math.fround(1 / Math.sqrt(shape.blockLength));
    const rotated = (place: ReturnType<typeof openPlainWorkplace>) => {
      for (let i = 0; i < place.values.length; i += 1)
        place.values[i] = ((i * 40_503) % 65_536) / 2 ** 15 - 1;
      place.scaleWithSigns();
      place.transform();
      return digestOf(place.values.slice());
    };
    const wasm = openWasmWorkplace(shape, signs, scale);
    const digests: KernelDigests = {
      plain: rotated(openPlainWorkplace(shape, signs, scale)),
      kernels: wasm && rotated(wasm),
    };
    return [`rotation of ${shape.blocks} blocks of ${shape.blockLength}`, digests] as const;
  });
  return { 'public words': words, ...Object.fromEntries(rotations) };
}

function clearDigest(values: Float32Array, plan: ClearPlanLike): [string, string] {
  const code = encodeClear(values, plan, {
    ...{ shapes: SHAPES, seed: SEED, roundNumber: 3, committedRounds: 2, feedback: null },
    random: philoxWords(SEED, 7),
  });
  const kept = code.memory ? [digestOf(code.memory.residual)] : [];
  return [JSON.stringify(plan), [digestOf(code.bytes), digestOf(code.decoded), ...kept].join(' ')];
}

/** A sum of two. */
function additiveDigest(
  values: Float32Array,
  { bits, rounding }: { readonly bits: number; readonly rounding: 'stochastic' | 'dithered' },
): [string, string] {
  const sampling = { kind: 'random-k', fraction: 0.9 } as const;
  const map = openLinearMap({ sampling, rotation: 'blocks' }, SHAPES, SEED);
  const sum = createLaneSum(map.to, bits);
  for (const stream of [1, 2]) {
    const random = rounding === 'dithered' ? ditherOf(SEED, stream) : philoxWords(SEED, 100 + stream);
    const step = 4 / 2 ** bits;
    quantiseInto(sum, map.rotate(map.sample(values)), { plan: { step, levels: null }, scale: 0.5, random });
  }
  const steps = Float64Array.from(sum.signedValues());
  if (rounding === 'dithered') subtractDither(steps, { seed: SEED, streams: [1, 2], bits });
  const decoded = map.estimate(map.unrotate(Float32Array.from(steps)));
  return [`sum in ${bits} bits, ${rounding}`, `${digestOf(sum.packed())} ${digestOf(decoded)}`];
}

/** Heavy tails, by operations that every engine rounds alike. */
function update(): Float32Array {
  return Float32Array.from({ length: LENGTH }, (_, i) => {
    const x = ((i * 40_503) % 65_536) / 2 ** 15 - 1;
    return x * x * x * (1 + (i % 13));
  });
}

function digestOf({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return blobHashOf(new Uint8Array(buffer, byteOffset, byteLength));
}
