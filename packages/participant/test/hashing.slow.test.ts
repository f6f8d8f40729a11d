/** WebCrypto for what is large, plain code for the rest: one hash. */
import { blobHashOf, encodeFrame, initialParameters, plainSha256 } from '@tributary/fl-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hashOf, readFrame, writeFrame } from '../src/hashing.ts';

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
/** 200 kB: beyond what is hashed at once. */
const parameters = initialParameters({ kind: 'mlp', inputSize: 500, hidden: [100], classes: 3 }, 'hashing');

afterEach(() => vi.unstubAllGlobals());

describe.each(['with WebCrypto', 'without WebCrypto, as over plain HTTP'])('%s', (where) => {
  const arrange = () => {
    if (where.startsWith('without')) vi.stubGlobal('crypto', {});
  };

  it.each([0, 1, 65_535, 65_536, 1_000_000])(
    'the hash of %d bytes is that of the reference',
    async (length) => {
      arrange();
      expect(await hashOf(bytesOf(length))).toBe(blobHashOf(bytesOf(length)));
    },
  );

  it('a frame is written as the reference writes it, and read back', async () => {
    arrange();
    const frame = await writeFrame(parameters);
    expect(frame).toEqual(encodeFrame(parameters, plainSha256));
    expect(await readFrame(frame, parameters.shapes)).toEqual(parameters);
  });

  it('a frame with any bit changed, or cut short, is refused', async () => {
    arrange();
    const frame = await writeFrame(parameters);
    const changed = frame.slice();
    changed[100_000]! ^= 1;
    await expect(readFrame(changed, parameters.shapes)).rejects.toMatchObject({ code: 'frame-checksum' });
    for (const length of [0, 31, frame.length - 1]) {
      const cut = readFrame(frame.subarray(0, length), parameters.shapes);
      await expect(cut).rejects.toMatchObject({ code: 'frame-length' });
    }
  });
});
