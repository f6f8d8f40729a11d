import { describe, expect, it } from 'vitest';
import { examplesFromIdx, readIdxImages, readIdxLabels } from '../src/data-import/idx.ts';
import { ImportRefused } from '../src/data-import/imported.ts';

/** Written out by hand from the format's description: magic, dimensions (big-endian), bytes. */
const twoImages = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 51, 102, 255, 1, 2, 3, 4);
const twoLabels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0);
const schema = { kind: 'image', height: 2, width: 2, channels: 1, labels: ['zero', 'one'] } as const;
const data = { ...schema, labels: [...schema.labels] };

function reasonOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (error instanceof ImportRefused) return error.reason;
    throw error;
  }
  throw new Error('was not refused');
}

describe('IDX files', () => {
  it('keep every pixel and every label', () => {
    const examples = examplesFromIdx(readIdxImages(twoImages), readIdxLabels(twoLabels), data);
    expect(examples.count).toBe(2);
    expect([...examples.inputs]).toEqual([0, 51, 102, 255, 1, 2, 3, 4]);
    expect([...examples.labels]).toEqual([1, 0]);
    expect(examples.rejected).toBe(0);
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
    const examples = examplesFromIdx(readIdxImages(twoImages), readIdxLabels(labels), data);
    expect([...examples.inputs]).toEqual([1, 2, 3, 4]);
    expect([...examples.labels]).toEqual([0]);
    expect(examples.rejections).toEqual([{ position: 1, reason: { kind: 'label-unknown', label: '7' } }]);
  });

  it('that do not belong together, or to this run, are refused', () => {
    const images = readIdxImages(twoImages);
    expect(reasonOf(() => examplesFromIdx(images, Uint8Array.of(1), data)).kind).toBe('idx-count-mismatch');
    const wide = { ...data, width: 3 };
    expect(reasonOf(() => examplesFromIdx(images, Uint8Array.of(1, 0), wide)).kind).toBe('idx-image-size');
  });
});
