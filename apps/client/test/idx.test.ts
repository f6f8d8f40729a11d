import type { ImageDataSchema } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { joinIdx, readIdxImages, readIdxLabels } from '../src/data-import/idx.ts';
import { importTarget, reasonOf } from './import-target.ts';

/** Written out by hand from the format's description: magic, dimensions (big-endian), bytes. */
const twoImages = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 51, 102, 255, 1, 2, 3, 4);
const twoLabels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0);
const data: ImageDataSchema = { kind: 'image', height: 2, width: 2, channels: 1, labels: ['zero', 'one'] };

function joined(images: Uint8Array, labels: Uint8Array, of = data) {
  const target = importTarget(of);
  joinIdx(readIdxImages(images), readIdxLabels(labels), of, target);
  return { inputs: target.inputs(), labels: target.labels(), rejections: target.rejections };
}

describe('IDX files', () => {
  it('keep every pixel and every label', () => {
    expect(joined(twoImages, twoLabels)).toEqual({
      inputs: [0, 51, 102, 255, 1, 2, 3, 4],
      labels: [1, 0],
      rejections: [],
    });
  });

  it('are read from the middle of a larger buffer', () => {
    const padded = new Uint8Array(twoImages.length + 7);
    padded.set(twoImages, 7);
    expect(readIdxImages(padded.subarray(7)).count).toBe(2);
  });

  it.each(Array.from({ length: twoImages.length }, (_, length) => length))(
    'cut to %i bytes are refused as truncated',
    (length) => {
      expect(reasonOf(() => readIdxImages(twoImages.slice(0, length))).kind).toBe('idx-length');
    },
  );

  it('that claim four thousand million images are refused before anything is allocated', () => {
    const liar = twoImages.slice();
    liar.fill(0xff, 4, 8);
    expect(reasonOf(() => readIdxImages(liar))).toMatchObject({ kind: 'idx-length', foundBytes: 24 });
  });

  it('with another magic number are refused, naming it', () => {
    expect(reasonOf(() => readIdxImages(twoLabels))).toEqual({ kind: 'idx-magic', found: 0x801 });
    expect(reasonOf(() => readIdxLabels(twoImages))).toEqual({ kind: 'idx-magic', found: 0x803 });
  });

  it('leave out an image whose label is not in the run, and keep the others whole', () => {
    const labels = twoLabels.slice();
    labels[8] = 7;
    expect(joined(twoImages, labels)).toEqual({
      inputs: [1, 2, 3, 4],
      labels: [0],
      rejections: [{ position: 1, reason: { kind: 'label-unknown', label: '7' } }],
    });
  });

  it('that do not belong together, or to this run, are refused', () => {
    const oneLabel = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 1);
    expect(reasonOf(() => joined(twoImages, oneLabel))).toEqual({
      kind: 'idx-count-mismatch',
      images: 2,
      labels: 1,
    });
    const wide = { ...data, width: 3 };
    expect(reasonOf(() => joined(twoImages, twoLabels, wide))).toMatchObject({ expected: '3 x 2 x 1' });
  });
});
