/** Masks come out of a sum to the last bit, on several threads as on one. */
import { createLaneSum } from '@tributary/compression';
import { applyMasks, type Mask } from '@tributary/privacy';
import { expect, test } from 'vitest';
import { unmask } from '../src/aggregation/unmask.ts';
import { openNodeCrypto } from '../src/secure-sum/node-crypto.ts';

const masksOf = (count: number): Mask[] =>
  Array.from({ length: count }, (_, i) => ({
    key: Uint8Array.from({ length: 32 }, (_, byte) => (31 * i + byte) & 255),
    sign: i % 3 === 0 ? -1 : 1,
  }));
const opposite = ({ key, sign }: Mask): Mask => ({ key, sign: sign === 1 ? -1 : 1 });

test.each([
  ['here, for a small sum', 1000, 24, 20],
  ['on a thread for each core, in slices that do not divide the length', 700_003, 24, 80],
  ['with lanes of one byte', 900_001, 7, 60],
  ['with lanes of four bytes', 600_017, 32, 90],
])('%s', { timeout: 60_000 }, async (_, length, bits, count) => {
  const masks = masksOf(count);
  const clear = Int32Array.from({ length }, (_, i) => (i % 97) - 48);
  const sum = createLaneSum(length, bits);
  sum.addValues(clear);
  await applyMasks(sum, masks.map(opposite), { from: 0, to: length }, openNodeCrypto());
  expect(sum.signedValues(0, 100)).not.toEqual(clear.subarray(0, 100));
  await unmask(sum, masks);
  expect(Buffer.from(sum.signedValues().buffer).equals(Buffer.from(clear.buffer))).toBe(true);
});
