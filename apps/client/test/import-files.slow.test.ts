import { gzipSync } from 'node:zlib';
import type { DataSchema } from '@tributary/fl-core';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { importFiles } from '../src/data-import/import-files.ts';
import type { ImportProgress } from '../src/data-import/imported.ts';
import { labelFromPath, pixelsFromRgba } from '../src/data-import/picture.ts';
import { pictureSize } from '../src/data-import/picture-size.ts';
import { readUnpacked } from '../src/data-import/read-bytes.ts';
import { readPicture } from '../src/data-import/read-picture.ts';
import { LISTED_REJECTIONS } from '../src/data-import/report.ts';
import { readText } from '../src/data-import/text.ts';
import { ZIP_LIMITS } from '../src/data-import/zip.ts';
import { importTarget, reasonOf } from './import-target.ts';

const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 9, 200);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 1);
const data = { kind: 'image' as const, height: 1, width: 2, channels: 1 as const, labels: ['0', '1'] };
const table: DataSchema = {
  kind: 'tabular',
  columns: [{ kind: 'number', name: 'x', mean: 0, deviation: 1 }],
  labelColumn: 'y',
  labels: ['no', 'yes'],
};
const options = { fallbackLabel: null, inverted: false };
const file = (path: string, bytes: Uint8Array) => ({ path, content: new Blob([Uint8Array.from(bytes)]) });
const importing = (files: ReturnType<typeof file>[], schema: DataSchema = data, more = {}) =>
  importFiles({ files, data: schema, options, ...more });

describe('chosen files', () => {
  it('that are an IDX pair, packed or not, in any order, become examples', async () => {
    const packed = file('train-labels-idx1-ubyte.gz', gzipSync(labels));
    const outcome = await importing([packed, file('train-images-idx3-ubyte', images)]);
    expect(outcome.examples).toEqual({
      inputs: Uint8Array.of(9, 200),
      rowSize: 2,
      labels: Int32Array.of(1),
      labelsPerExample: 1,
    });
    expect(outcome.countsByLabel).toEqual(new Map([[1, 1]]));
    expect(outcome.report).toMatchObject({ rejected: 0, byReason: [], first: [] });
  });

  it('that are two IDX pairs are paired by their names', async () => {
    const otherLabels = labels.slice();
    otherLabels[8] = 0;
    const outcome = await importing([
      file('t10k-labels-idx1-ubyte', otherLabels),
      file('train-labels-idx1-ubyte', labels),
      file('train-images-idx3-ubyte', images),
      file('t10k-images-idx3-ubyte', images),
    ]);
    expect([...outcome.examples!.labels]).toEqual([1, 0]);
  });

  it('that are half an IDX pair are reported', async () => {
    const lone = await importing([file('train-labels-idx1-ubyte', labels)]);
    expect(lone.examples).toBeNull();
    expect(lone.report.first[0]!.reason).toEqual({ kind: 'idx-without-partner', has: 'labels' });
  });

  it.each(Array.from({ length: images.length - 4 }, (_, i) => i + 4))(
    'that are IDX images cut to %i bytes are refused by name, and the labels are not taken for others',
    async (length) => {
      const cut = file('train-images-idx3-ubyte', images.slice(0, length));
      const { examples, report } = await importing([cut, file('train-labels-idx1-ubyte', labels)]);
      expect(examples).toBeNull();
      expect(report.first).toMatchObject([
        {
          file: 'train-images-idx3-ubyte',
          position: null,
          reason: { kind: 'idx-length', foundBytes: length },
        },
      ]);
    },
  );

  it('that are something else, or broken, are reported one by one and harm nothing else', async () => {
    const outcome = await importing([
      file('notes.pdf', Uint8Array.of(1, 2, 3, 4, 5)),
      file('broken.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2)),
      file('.DS_Store', Uint8Array.of(1, 2, 3, 4, 5)),
      file('images', images),
      file('labels', labels),
    ]);
    expect(outcome.report.first.map(({ file, reason }) => [file, reason.kind])).toEqual([
      ['notes.pdf', 'file-kind-unknown'],
      ['broken.gz', 'file-unreadable'],
    ]);
    expect(outcome.examples!.inputs).toHaveLength(2);
  });

  it('that are not what the run learns from are refused, whatever their name', async () => {
    const { report } = await importing([file('7.png', images), file('a.csv', images.slice(1))], table);
    expect(report.first.map(({ reason }) => reason.kind)).toEqual(['kind-not-wanted', 'file-kind-unknown']);
  });

  it('that cannot be read any more are reported, and the others are taken all the same', async () => {
    const gone = new Blob([images]);
    gone.arrayBuffer = () => Promise.reject(new DOMException('it was moved', 'NotReadableError'));
    const outcome = await importing([
      { path: 'gone', content: gone },
      file('images', images),
      file('labels', labels),
    ]);
    expect(outcome.report.first[0]!.reason).toEqual({ kind: 'file-unreadable' });
    expect(outcome.examples!.labels).toHaveLength(1);
  });

  it('that unpack to more than the limit are refused while unpacking', async () => {
    const bomb = new Blob([gzipSync(new Uint8Array(1_000_000))]);
    expect(bomb.size).toBeLessThan(5_000);
    await expect(readUnpacked(bomb, 10_000)).rejects.toMatchObject({ reason: { kind: 'file-too-large' } });
  });

  it('are reported on as a whole: counts by reason, the first few, and all as CSV', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => (i % 2 ? `${i},maybe` : 'NaN,yes'));
    const { report, examples } = await importing(
      [file('a.csv', strToU8(['x,y', ...rows, '1,yes', '"=1+1",no'].join('\n')))],
      table,
    );
    expect(examples!.labels).toHaveLength(1);
    expect(report.rejected).toBe(501);
    expect(report.byReason).toEqual([
      { kind: 'value-not-a-number', count: 251 },
      { kind: 'label-unknown', count: 250 },
    ]);
    expect(report.first).toHaveLength(LISTED_REJECTIONS);
    expect(report.first[1]).toEqual({
      file: 'a.csv',
      position: 3,
      field: 'label',
      reason: { kind: 'label-unknown', label: 'maybe' },
    });
    const lines = (await report.all.text()).split('\r\n');
    expect(lines.slice(0, 3)).toEqual([
      'file,line,field,reason,found,expected',
      'a.csv,2,x,value-not-a-number,NaN,',
      'a.csv,3,label,label-unknown,maybe,',
    ]);
    // A value that a spreadsheet would compute is made harmless.
    expect(lines[501]).toBe("a.csv,503,x,value-not-a-number,'=1+1,");
    expect(lines).toHaveLength(503);
  });

  it('tell how far they are, up to the last byte', async () => {
    const seen: ImportProgress[] = [];
    const onProgress = (progress: ImportProgress) => seen.push(progress);
    const one = strToU8('x,y\n1,yes\n2,no\n');
    await importing([file('a.csv', one), file('b.zip', zipSync({ 'c.csv': one }))], table, { onProgress });
    expect(seen.map(({ bytesDone }) => bytesDone)).toEqual(
      seen.map(({ bytesDone }) => bytesDone).sort((a, b) => a - b),
    );
    expect(seen.at(-1)).toMatchObject({ accepted: 4, rejected: 0 });
    expect(seen.at(-1)!.bytesDone).toBe(seen[0]!.bytesTotal);
  });
});

describe('zip archives', () => {
  const csv = strToU8('x,y\n1,yes\n2,no\nz,no\n');
  const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 2_654_435_761) >>> 13);

  it('give what their entries hold: tables, IDX pairs, packed or stored, in folders', async () => {
    const outcome = await importing(
      [file('all.zip', zipSync({ 'one/a.csv': csv, 'b.csv': [csv, { level: 0 }] }))],
      table,
    );
    expect([...outcome.examples!.inputs]).toEqual([1, 2, 1, 2]);
    expect(outcome.report.first).toMatchObject([
      { file: 'all.zip/one/a.csv', position: 4, field: 'x' },
      { file: 'all.zip/b.csv', position: 4, field: 'x' },
    ]);
    const idx = zipSync({
      'train-images-idx3-ubyte': images,
      'train-labels-idx1-ubyte.gz': gzipSync(labels),
    });
    expect((await importing([file('mnist.zip', idx)])).examples!.labels).toHaveLength(1);
  });

  it('leave out what file managers add, and refuse an archive inside', async () => {
    const zip = zipSync({
      '__MACOSX/a.csv': csv,
      'x/.DS_Store': csv,
      'in.zip': zipSync({ 'a.csv': csv }),
      'a.csv': csv,
    });
    const { examples, report } = await importing([file('all.zip', zip)], table);
    expect(examples!.labels).toHaveLength(2);
    expect(report.first.map(({ file, reason }) => [file, reason.kind])).toEqual([
      ['all.zip/in.zip', 'archive-in-archive'],
      ['all.zip/a.csv', 'value-not-a-number'],
    ]);
  });

  it.each([
    ['inflate too much', { ratio: 50, freeBytes: 100_000 }, { kind: 'archive-inflates-too-much', limit: 50 }],
    ['are too large', { bytes: 500_000 }, { kind: 'archive-too-large', limitBytes: 500_000 }],
    ['have too many entries', { entries: 2 }, { kind: 'archive-too-many-entries', limit: 2 }],
  ])('that %s are refused, and give none of the rows that came before', async (_, limits, reason) => {
    const zip = zipSync({ 'a.csv': csv, 'bomb.csv': new Uint8Array(1_000_000), 'c.csv': csv });
    const before = file('before.csv', strToU8('x,y\n7,yes'));
    const { examples, report } = await importing([before, file('bomb.zip', zip)], table, {
      zipLimits: { ...ZIP_LIMITS, ...limits },
    });
    expect([...examples!.inputs]).toEqual([7]);
    expect(report.first).toContainEqual({ file: 'bomb.zip', position: null, field: null, reason });
  });

  it('that are bombs are refused in bounded memory, long before they have unfolded', async () => {
    const zeros = new Uint8Array(48 * 1024 * 1024);
    const bomb = zipSync(Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`${i}.csv`, zeros])));
    expect(bomb.length).toBeLessThan(250_000);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const onProgress = () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    const { examples, report } = await importing([file('bomb.zip', bomb)], table, { onProgress });
    expect(examples).toBeNull();
    expect(report.first).toMatchObject([{ file: 'bomb.zip', reason: { kind: 'archive-inflates-too-much' } }]);
    expect(most).toBeLessThan(48 * 1024 * 1024);
  });

  it('cut off at any byte are refused, and never half taken', async () => {
    const zip = zipSync({ 'a.csv': csv, 'b.csv': [noise(300), { level: 0 }] });
    for (let length = 0; length < zip.length; length += 1) {
      const { examples, report } = await importing([file('cut.zip', zip.slice(0, length))], table);
      expect(examples).toBeNull();
      expect(report.first.at(-1)).toMatchObject({ file: 'cut.zip', reason: { kind: 'archive-damaged' } });
    }
  });

  it('with any byte changed never throw anything that is not in the report', async () => {
    const zip = zipSync({ 'a.csv': csv, 'b.csv': csv });
    for (let at = 0; at < zip.length; at += 1) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = zip.slice();
        changed[at]! ^= flip;
        await importing([file('changed.zip', changed)], table);
      }
    }
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

  it('tell their size before they are decoded', () => {
    const bytes = (...parts: (string | readonly number[])[]) =>
      Uint8Array.from(
        parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)),
      );
    const png = bytes([0x89], 'PNG\r\n', [26, 10, 0, 0, 0, 13], 'IHDR', [0, 0, 2, 3, 0, 0, 1, 4]);
    expect(pictureSize(png)).toEqual({ width: 515, height: 260 });
    const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 1, 4, 2, 3]);
    expect(pictureSize(jpeg)).toEqual({ width: 515, height: 260 });
    const riff = ['RIFF', [0, 0, 0, 0], 'WEBP'] as const;
    const lossy = bytes(...riff, 'VP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 3, 2, 4, 1]);
    expect(pictureSize(lossy)).toEqual({ width: 515, height: 260 });
    const extended = bytes(...riff, 'VP8X', [10, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 3, 1, 0]);
    expect(pictureSize(extended)).toEqual({ width: 515, height: 260 });
    // 515 - 1 in 14 bits, then 260 - 1 in 14 bits.
    const packed = 514 | (259 << 14);
    const lossless = bytes(
      ...riff,
      'VP8L',
      [0, 0, 0, 0, 0x2f],
      [0, 8, 16, 24].map((by) => (packed >> by) & 255),
    );
    expect(pictureSize(lossless)).toEqual({ width: 515, height: 260 });
    expect(pictureSize(png.subarray(0, 20))).toBeNull();
    expect(pictureSize(jpeg.subarray(0, 12))).toBeNull();
    expect(pictureSize(bytes('GIF89a'))).toBeNull();
  });

  it('that claim to fill the memory are refused before they are decoded', async () => {
    const header = [
      0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff,
    ];
    await expect(readPicture(Uint8Array.from(header), data, options)).rejects.toMatchObject({
      reason: { kind: 'picture-too-large', width: 65_535, height: 65_535 },
    });
  });
});

describe('text', () => {
  const schema = { kind: 'text' as const, alphabet: ' abc', sequenceLength: 2 };
  const bytes = (text: string) => new TextEncoder().encode(text);

  it('becomes sequences labelled with the character that follows each', () => {
    const target = importTarget(schema);
    readText(bytes('abcab?'), schema, target);
    expect(target.inputs()).toEqual([1, 2, 3, 1]);
    expect(target.labels()).toEqual([2, 3, 1, 2]);
  });

  it('shorter than one sequence is refused', () => {
    for (const text of ['', 'a', 'ab']) {
      expect(reasonOf(() => readText(bytes(text), schema, importTarget(schema)))).toEqual({
        kind: 'text-too-short',
        needed: 3,
      });
    }
  });
});
