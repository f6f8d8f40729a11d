/** What kernels compute is what the plain code computes, to the bit. */
import { philoxWords } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPlainChances, openWasmChances } from '../../src/additive/chances.ts';
import { openWasmBlocks, plainBlocks } from '../../src/additive/philox.ts';
import { openPlainWorkplace, openWasmWorkplace } from '../../src/additive/rotation-workplace.ts';
import { openWasmSelection, selectPlainly } from '../../src/additive/selection.ts';

const SEED = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 200);

describe('kernels of the rotation', () => {
  it.each([
    // Blocks whose number is and is not a multiple of a vector; each remainder of stages after those by three.
    [256, 1],
    [512, 2],
    [1024, 3],
    [2048, 5],
    [4096, 7],
    [1024, 195],
    // Beyond what stays in the cache at once.
    [4096, 100],
    [524_288, 1],
  ])('of %i rows and %i columns', (blockLength, blocks) => {
    const length = blockLength * blocks;
    const signs = new Uint32Array(Math.ceil(length / 32));
    words(1).fill(signs);
    const scale = Math.fround(1 / Math.sqrt(blockLength));
    const plain = openPlainWorkplace({ blockLength, blocks }, signs, scale);
    const kernels = openWasmWorkplace({ blockLength, blocks }, signs, scale)!;
    const random = new Uint32Array(length);
    words(2).fill(random);
    for (const place of [plain, kernels]) {
      for (let i = 0; i < length; i += 1) place.values[i] = i % 7 === 0 ? 0 : random[i]! / 2 ** 31 - 1;
      place.scaleWithSigns();
      place.transform();
    }
    expect(bitsOf(kernels.values)).toBe(bitsOf(plain.values));
    for (const place of [plain, kernels]) {
      place.transform();
      place.scaleWithSigns();
    }
    expect(bitsOf(kernels.values)).toBe(bitsOf(plain.values));
  });
});

describe('kernels of Philox', () => {
  it('give the words of any block of any stream', () => {
    const kernels = openWasmBlocks()!;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.maxSafeNat(),
        fc.integer({ min: 0, max: 2 ** 32 - 50 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, stream, first, blocks) => {
          expect(kernels({ seed, stream }, first, blocks)).toEqual(
            plainBlocks({ seed, stream }, first, blocks),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('kernels of the dither', () => {
  it('add up what any members rounded by, anywhere in their vectors', () => {
    const [plain, kernels] = [openPlainChances(), openWasmChances()!];
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 20 }),
        fc.nat(2 ** 33),
        fc.integer({ min: 1, max: 150 }),
        (seed, streams, from, count) => {
          const elements = { from, count };
          expect(kernels.sum({ seed, streams }, elements)).toEqual(plain.sum({ seed, streams }, elements));
        },
      ),
      { numRuns: 200 },
    );
    const whole = { from: 3, count: plain.pieceLength };
    const dithers = { seed: SEED, streams: [1, 2 ** 32 - 1] };
    expect(kernels.sum(dithers, whole)).toEqual(plain.sum(dithers, whole));
  });
});

describe('kernels of sampling', () => {
  it('select the same numbers', () => {
    const kernels = openWasmSelection()!;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(5000),
        (seed, all, fraction, from) => {
          const draw = { all, count: Math.round(fraction * all), from };
          expect(kernels({ seed, stream: 1 }, draw)).toEqual(selectPlainly({ seed, stream: 1 }, draw));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('select the same numbers of more than float64 multiplies with words exactly', () => {
    const draw = { all: 2 ** 22 + 3, count: 2 ** 21, from: 0 };
    const [stream, kernels] = [{ seed: SEED, stream: 1 }, openWasmSelection()!];
    expect(Buffer.compare(bytesOf(kernels(stream, draw)), bytesOf(selectPlainly(stream, draw)))).toBe(0);
  });
});

function words(stream: number) {
  return philoxWords(SEED, stream);
}

/** -0 and 0 differ. */
function bitsOf(values: Float32Array): string {
  return bytesOf(values).toString('base64');
}

function bytesOf(values: Float32Array | Uint32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
