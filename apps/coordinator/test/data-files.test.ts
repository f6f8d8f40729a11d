import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../src/data-files/csv.ts';
import { parseIdx } from '../src/data-files/idx.ts';
import { readMnist } from '../src/data-files/mnist.ts';
import { readTable } from '../src/data-files/table.ts';

describe('IDX', () => {
  it('is read as dimensions and values', () => {
    const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
    expect(parseIdx(bytes, 'small')).toEqual({ dimensions: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  it.each([
    ['a wrong magic number', [1, 0, 8, 1, 0, 0, 0, 0], /magic number/],
    ['floats', [0, 0, 13, 1, 0, 0, 0, 0], /type 13/],
    ['a header that is cut off', [0, 0, 8, 3, 0, 0], /ends inside its header/],
    ['fewer values than promised', [0, 0, 8, 1, 0, 0, 0, 3, 1], /promises 3 values and holds 1/],
    ['nothing', [], /magic number/],
  ])('is refused with %s', (_, bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes), 'file')).toThrow(message);
  });
});

describe('MNIST files', () => {
  it('that are well-formed but not the canonical ones are taken, with a warning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-mnist-'));
    for (const half of ['train', 't10k']) {
      const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, ...new Array(2 * 784).fill(51)];
      await writeFile(join(folder, `${half}-images-idx3-ubyte.gz`), gzipSync(Uint8Array.from(images)));
      await writeFile(join(folder, `${half}-labels-idx1-ubyte`), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 3, 9));
    }
    const warnings: string[] = [];
    const { train } = await readMnist(folder, { warn: (text) => warnings.push(text) });
    expect([...train.labels]).toEqual([3, 9]);
    expect(train.inputs[0]).toBeCloseTo(0.2, 6);
    expect(warnings).toHaveLength(2);
  });

  it('that are damaged are refused by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-mnist-'));
    await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), 'not gzip');
    await expect(readMnist(folder, { warn: () => {} })).rejects.toMatchObject({
      code: 'data-invalid',
      message: expect.stringContaining('train-images-idx3-ubyte.gz'),
    });
  });
});

describe('CSV', () => {
  it('is read as RFC 4180 has it', () => {
    expect(parseCsv('a, b ,c\r\n"1,5","say ""hi""","two\nlines"\n\n,x,\n')).toEqual([
      ['a', 'b', 'c'],
      ['1,5', 'say "hi"', 'two\nlines'],
      ['', 'x', ''],
    ]);
  });

  it('becomes examples: numbers standardised, categories one-hot, rows that do not fit left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-csv-'));
    const rows = [
      '|title',
      '30, Private, yes',
      '50, State, no.',
      '40, ?, yes',
      'old, State, no',
      '20, State, maybe',
    ];
    await writeFile(join(folder, 'people.csv'), rows.join('\n'));
    const table = await readTable(folder, 'people.csv', {
      columnsInFile: ['age', 'work', 'income'],
      schema: {
        kind: 'tabular',
        columns: [
          { kind: 'number', name: 'age', mean: 40, deviation: 10 },
          { kind: 'category', name: 'work', categories: ['Private', 'State'] },
        ],
        labelColumn: 'income',
        labels: ['no', 'yes'],
      },
    });
    expect([...table.inputs]).toEqual([-1, 1, 0, 1, 0, 1]);
    expect([...table.labels]).toEqual([1, 0]);
  });
});
