import { describe, expect, it } from 'vitest';
import type { MaskCode } from '../../src/lightsecagg/code.ts';
import { addVector, inverse, multiply, PRIME, subtract } from '../../src/lightsecagg/field.ts';
import { interpolationWeights, memberPoint, piecePoints } from '../../src/lightsecagg/lagrange.ts';
import { joinMasks, shareMask } from '../../src/lightsecagg/mask-shares.ts';
import { uniformVector } from '../../src/lightsecagg/uniform.ts';
import { seededBytes } from '../seeded-bytes.ts';
import { chooseFrom, subsets } from './subsets.ts';

const codeOf = (members: number, privacy: number, recovery: number, pieceLength = 3): MaskCode => ({
  members,
  privacy,
  recovery,
  dataPieces: recovery - privacy,
  pieceLength,
});

/** Every 1 <= T < U <= n. */
const codesUpTo = (most: number): MaskCode[] =>
  Array.from({ length: most }, (_, n) => n + 1).flatMap((n) =>
    Array.from({ length: n }, (_, u) => u + 1).flatMap((u) =>
      Array.from({ length: u - 1 }, (_, t) => codeOf(n, t + 1, u)),
    ),
  );

describe('the code of the masks', () => {
  it('interpolates: weights give the value of a polynomial, computed with big integers', () => {
    const q = BigInt(PRIME);
    const coefficients = [5n, 66_000_000n, 1n, 12_345_678n];
    const value = (x: number): number =>
      Number(coefficients.reduceRight((sum, coefficient) => (sum * BigInt(x) + coefficient) % q, 0n));
    const from = [2, 9, 4, PRIME - 1];
    const to = [1, 2, 3, 100, PRIME - 2];
    const values = interpolationWeights(from, to).map((weights) =>
      from.reduce((sum, point, k) => (sum + multiply(weights[k]!, value(point))) % PRIME, 0),
    );
    expect(values).toEqual(to.map(value));
  });

  it('hides from any T: every T x T block of the noise rows is invertible, for every code of up to 8 members', () => {
    let blocks = 0;
    for (const code of codesUpTo(8)) {
      const noise = noiseRows(code);
      for (const holders of subsets(code.members, code.privacy)) {
        expect(determinant(holders.map((holder) => noise[holder]!))).not.toBe(0);
        blocks += 1;
      }
    }
    // The sum over n <= 8 and T of (n - T) (n over T): n (2^(n - 1) - 1) for each n.
    expect(blocks).toBe(1_757);
  });

  it('hides from any T of 64, as far as 300 of their blocks say', () => {
    const code = codeOf(64, 32, 45);
    const noise = noiseRows(code);
    const random = seededBytes('blocks of 64');
    for (let i = 0; i < 300; i += 1) {
      const holders = chooseFrom(64, 32, random);
      expect(determinant(holders.map((holder) => noise[holder]!))).not.toBe(0);
    }
  });

  it('brings sums of masks back from any U members, for every code of up to 8', () => {
    const random = seededBytes('any U');
    for (const code of codesUpTo(8)) {
      const masks = Array.from({ length: 3 }, () =>
        uniformVector(code.dataPieces * code.pieceLength, random),
      );
      const dealt = masks.map((mask) =>
        shareMask(mask, uniformVector(code.privacy * code.pieceLength, random), code),
      );
      const sumOf = (vectors: readonly Int32Array[]): Int32Array => {
        const sum = new Int32Array(vectors[0]!.length);
        for (const vector of vectors) addVector(sum, vector);
        return sum;
      };
      for (const members of subsets(code.members, code.recovery)) {
        const answers = members.map((member) => ({
          member,
          shares: sumOf(dealt.map((shares) => shares[member]!)),
        }));
        expect(joinMasks(answers, code)).toEqual(sumOf(masks));
      }
    }
  });

  it('gives nothing for fewer than U', () => {
    const code = codeOf(5, 1, 3);
    const answers = [0, 1].map((member) => ({ member, shares: new Int32Array(3) }));
    expect(() => joinMasks(answers, code)).toThrow(RangeError);
  });
});

/** For each member its weights of the noise pieces. */
function noiseRows({ members, recovery, dataPieces }: MaskCode): number[][] {
  const points = Array.from({ length: members }, (_, index) => memberPoint(recovery, index));
  return interpolationWeights(piecePoints(recovery), points).map((weights) => [...weights.slice(dataPieces)]);
}

/** By elimination, over the field. */
function determinant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  let product = 1;
  for (let column = 0; column < rows.length; column += 1) {
    const pivot = rows.findIndex((row, index) => index >= column && row[column] !== 0);
    if (pivot === -1) return 0;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const top = rows[column]!;
    product = multiply(product, top[column]!);
    const scale = inverse(top[column]!);
    for (let below = column + 1; below < rows.length; below += 1) {
      const factor = multiply(rows[below]![column]!, scale);
      rows[below] = rows[below]!.map((entry, at) => subtract(entry, multiply(factor, top[at]!)));
    }
  }
  return product;
}
