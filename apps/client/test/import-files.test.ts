import { gzipSync } from 'node:zlib';
import type { DataSchema } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { readUnpacked } from '../src/data-import/gunzip.ts';
import { importFiles } from '../src/data-import/import-files.ts';
import { labelFromPath, pixelsFromRgba } from '../src/data-import/picture.ts';
import { examplesFromText } from '../src/data-import/text.ts';

const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 9, 200);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 1);
const data: DataSchema = { kind: 'image', height: 1, width: 2, channels: 1, labels: ['0', '1'] };
const options = { fallbackLabel: null, inverted: false };
const file = (path: string, bytes: Uint8Array) => ({ path, content: new Blob([Uint8Array.from(bytes)]) });

describe('chosen files', () => {
  it('that are an IDX pair, packed or not, in any order, become examples', async () => {
    const packed = file('train-labels-idx1-ubyte.gz', gzipSync(labels));
    const outcome = await importFiles([packed, file('train-images-idx3-ubyte', images)], data, options);
    expect(outcome.examples).toEqual({
      inputs: Uint8Array.of(9, 200),
      rowSize: 2,
      labels: Int32Array.of(1),
      labelsPerExample: 1,
    });
    expect(outcome.reports).toMatchObject([{ accepted: 1, rejected: 0 }]);
  });

  it('that are two IDX pairs are paired by their names', async () => {
    const otherLabels = labels.slice();
    otherLabels[8] = 0;
    const outcome = await importFiles(
      [
        file('t10k-labels-idx1-ubyte', otherLabels),
        file('train-labels-idx1-ubyte', labels),
        file('train-images-idx3-ubyte', images),
        file('t10k-images-idx3-ubyte', images),
      ],
      data,
      options,
    );
    expect([...outcome.examples!.labels]).toEqual([1, 0]);
  });

  it('that are half an IDX pair are reported', async () => {
    const lone = await importFiles([file('train-labels-idx1-ubyte', labels)], data, options);
    expect(lone.examples).toBeNull();
    expect(lone.reports[0]!.rejections[0]!.reason).toEqual({ kind: 'idx-without-partner', has: 'labels' });
  });

  it('that are something else, or broken, are reported one by one and harm nothing else', async () => {
    const outcome = await importFiles(
      [
        file('notes.pdf', Uint8Array.of(1, 2, 3, 4, 5)),
        file('broken.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2)),
        file('images', images),
        file('labels', labels),
      ],
      data,
      options,
    );
    expect(outcome.reports.map((report) => report.rejections[0]?.reason.kind)).toEqual([
      'file-kind-unknown',
      'file-unreadable',
      undefined,
    ]);
    expect(outcome.examples!.inputs).toHaveLength(2);
  });

  it('that cannot be read any more are reported, and the others are taken all the same', async () => {
    const gone = new Blob([images]);
    gone.arrayBuffer = () => Promise.reject(new DOMException('it was moved', 'NotReadableError'));
    const outcome = await importFiles(
      [{ path: 'gone', content: gone }, file('images', images), file('labels', labels)],
      data,
      options,
    );
    expect(outcome.reports[0]!.rejections[0]!.reason).toEqual({ kind: 'file-unreadable' });
    expect(outcome.examples!.labels).toHaveLength(1);
  });

  it('that unpack to more than the limit are refused while unpacking', async () => {
    const bomb = new Blob([gzipSync(new Uint8Array(1_000_000))]);
    expect(bomb.size).toBeLessThan(5_000);
    await expect(readUnpacked(bomb, 10_000)).rejects.toMatchObject({ reason: { kind: 'file-too-large' } });
  });
});

describe('pictures', () => {
  it.each([
    ['cat/001.png', 'cat'],
    ['pets/dog/cat-1.png', 'dog'],
    ['cat.jpg', 'cat'],
    ['cat_17.jpeg', 'cat'],
    ['10-3.png', '10'],
    ['1-3.png', '1'],
    ['catalogue.png', null],
    ['IMG_2211.png', null],
  ])('at %s have the label %j', (path, label) => {
    expect(labelFromPath(path, ['cat', 'dog', '1', '10'])).toBe(label);
  });

  it('become luma when the run wants one channel, and can be inverted', () => {
    const rgba = Uint8ClampedArray.of(255, 255, 255, 255, 255, 0, 0, 255);
    expect([...pixelsFromRgba(rgba, data, { inverted: false })]).toEqual([255, 76]);
    expect([...pixelsFromRgba(rgba, data, { inverted: true })]).toEqual([0, 179]);
    expect([...pixelsFromRgba(rgba, { ...data, channels: 3 }, { inverted: false })]).toEqual([
      255, 255, 255, 255, 0, 0,
    ]);
  });
});

describe('text', () => {
  const schema = { kind: 'text' as const, alphabet: ' abc', sequenceLength: 2 };

  it('becomes sequences labelled with the character that follows each', () => {
    const examples = examplesFromText('abcab?', schema);
    expect([...examples.inputs]).toEqual([1, 2, 3, 1]);
    expect([...examples.labels]).toEqual([2, 3, 1, 2]);
  });

  it('shorter than one sequence is refused', () => {
    expect(() => examplesFromText('ab', schema)).toThrow(
      expect.objectContaining({ reason: { kind: 'text-too-short', needed: 3 } }),
    );
  });
});
