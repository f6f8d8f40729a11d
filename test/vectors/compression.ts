/** Reads compression.json: bytes that devices of different versions, and engines, agree on. In Node and in a browser. */
import {
  type ClearPlanLike,
  createLaneSum,
  decodeClear,
  decodeModel,
  ditherOf,
  encodeClear,
  encodeModel,
  gridSteps,
  type LinearPlan,
  openLinearMap,
  philoxWords,
  quantiseInto,
  roundToGrid,
  subtractDither,
} from '@tributary/compression';
import { blobHashOf, bytesToHex, hexToBytes } from '@tributary/fl-core';
import { decodeIndices, encodeIndices } from '../../packages/compression/src/clear/index-coding.ts';
import { decodeRans, encodeRans } from '../../packages/compression/src/lossless/rans.ts';
import vectors from './compression.json' with { type: 'json' };

export interface FrozenCode {
  readonly section: keyof typeof vectors;
  readonly title: string;
  /** In hex: what the file says, */
  readonly expected: Readonly<Record<string, string>>;
  /** and what this engine makes. */
  made(): Readonly<Record<string, string>>;
}

export function frozenCodes(): FrozenCode[] {
  return [
    ...frozenEntropyCodes(),
    ...frozenIndices(),
    ...frozenClearCodes(),
    ...frozenLowRanks(),
    ...frozenAdditiveCodes(),
    ...frozenModels(),
  ];
}

function frozenEntropyCodes(): FrozenCode[] {
  const section = 'entropy coding';
  return vectors[section].map(({ bytes, repeated, coded }) => {
    const all = hexToBytes(bytes.repeat(repeated));
    return {
      section,
      title: `${all.length} bytes`,
      expected: { coded, read: hexOf(all) },
      made: () => ({
        coded: hexOf(encodeRans(all)),
        read: hexOf(decodeRans(hexToBytes(coded), all.length)),
      }),
    };
  });
}

function frozenModels(): FrozenCode[] {
  const section = 'models on a grid';
  return vectors[section].map(({ shapes, bits, values, before, steps, model, alone, changes }) => {
    const [current, earlier] = [Float32Array.from(values), Float32Array.from(before)];
    const sizes = shapes.map((shape) => shape.reduce((size, dimension) => size * dimension, 1));
    return {
      section,
      title: `${values.length} values at ${bits} bits`,
      expected: { steps, model, alone, changes, read: model },
      made() {
        const earlierSteps = gridSteps(earlier, shapes, { bits, previous: null });
        const base = roundToGrid(earlier, shapes, earlierSteps);
        const madeSteps = gridSteps(current, shapes, { bits, previous: earlierSteps });
        const rounded = roundToGrid(current, shapes, madeSteps);
        return {
          steps: hexOf(madeSteps),
          model: hexOf(rounded),
          alone: hexOf(encodeModel(rounded, { sizes, base: null })),
          changes: hexOf(encodeModel(rounded, { sizes, base })),
          read: hexOf(decodeModel(hexToBytes(changes), { sizes, base })),
        };
      },
    };
  });
}

function frozenIndices(): FrozenCode[] {
  const section = 'index coding';
  return vectors[section].map(({ indices, length, bytes }) => ({
    section,
    title: `${indices.length} indices of ${length}`,
    expected: { bytes, read: hexOf(Uint32Array.from(indices)) },
    made: () => ({
      bytes: hexOf(encodeIndices(Uint32Array.from(indices), length)),
      read: hexOf(decodeIndices(hexToBytes(bytes), { count: indices.length, length })),
    }),
  }));
}

function frozenClearCodes(): FrozenCode[] {
  const section = 'clear codes of a device';
  const { words, cases } = vectors[section];
  return cases.map(({ shapes, values, bytes, decoded, ...frozen }) => {
    const plan = frozen.plan as ClearPlanLike;
    const context = {
      shapes,
      seed: new Uint8Array(32),
      random: { fill: (into: Uint32Array) => into.set(into.map((_, i) => words[i % words.length]!)) },
      roundNumber: 1,
      committedRounds: 0,
      feedback: null,
    };
    return {
      section,
      title: `${JSON.stringify(plan)} of ${JSON.stringify(shapes)}`,
      expected: { bytes, decoded, read: decoded },
      made: () => {
        const code = encodeClear(Float32Array.from(values), plan, context);
        return {
          bytes: hexOf(code.bytes),
          decoded: hexOf(code.decoded),
          read: hexOf(decodeClear(hexToBytes(bytes), plan, context)),
        };
      },
    };
  });
}

function frozenLowRanks(): FrozenCode[] {
  const section = 'low rank';
  return vectors[section].map(({ rank, shapes, seed, values, ...expected }) => ({
    section,
    title: `rank ${rank} of ${JSON.stringify(shapes)}`,
    expected,
    made: () => {
      const plan = { sampling: { kind: 'low-rank', rank }, rotation: 'none' } as const;
      const map = openLinearMap(plan, shapes, hexToBytes(seed));
      const sampled = map.sample(Float32Array.from(values));
      return {
        sampled: hexOf(sampled),
        spread: hexOf(map.spread(sampled)),
        estimate: hexOf(map.estimate(sampled)),
      };
    },
  }));
}

/** Words of the seed's stream 2 are the values, within [-1, 1); those of stream 3 the private randomness of the device. */
function frozenAdditiveCodes(): FrozenCode[] {
  const section = 'additive codes';
  const { seed: seedInHex, cases } = vectors[section];
  const seed = hexToBytes(seedInHex);
  return cases.map(({ sampling, rotation, shapes, ringBits, step, levels, rounding, ...expected }) => ({
    section,
    title: `${JSON.stringify({ sampling, rotation, ringBits, rounding })} of ${JSON.stringify(shapes)}`,
    expected,
    made: () => {
      const map = openLinearMap({ sampling, rotation } as LinearPlan, shapes, seed);
      const words = new Uint32Array(map.from);
      philoxWords(seed, 2).fill(words);
      const values = Float32Array.from(words, (word) => word / 2 ** 31 - 1);
      const code = createLaneSum(map.to, ringBits);
      const random = rounding === 'dithered' ? ditherOf(seed, 1) : philoxWords(seed, 3);
      quantiseInto(code, map.rotated(map.sample(values)), { plan: { step, levels }, scale: 1, random });
      const steps = Float64Array.from(code.signedValues());
      if (rounding === 'dithered') subtractDither(steps, { seed, streams: [1], bits: ringBits });
      const decoded = map.estimate(map.unrotate(Float32Array.from(steps, (value) => value * step)));
      return { packed: shown(code.packed()), decoded: shown(decoded) };
    },
  }));
}

/** Few bytes as they are, many by their SHA-256. */
const shown = (bytes: Uint8Array | Float32Array): string =>
  bytes.byteLength <= 128
    ? hexOf(bytes)
    : blobHashOf(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));

const hexOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  bytesToHex(new Uint8Array(buffer, byteOffset, byteLength));
