import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../src/data-import/csv.ts';
import { csvRows } from '../src/data-import/csv-rows.ts';
import { importTarget, reasonOf } from './import-target.ts';

const schema = {
  kind: 'tabular' as const,
  columns: [
    { kind: 'number' as const, name: 'age', mean: 40, deviation: 10 },
    { kind: 'category' as const, name: 'site', categories: ['north', 'south'] },
  ],
  labelColumn: 'outcome',
  labels: ['well', 'ill'],
};
const bytesOf = (text: string) => new TextEncoder().encode(text);

function parseText(text: string) {
  const target = importTarget(schema);
  readCsv(bytesOf(text), schema, target);
  return { inputs: target.inputs(), labels: target.labels(), rejections: target.rejections };
}
const parse = (...rows: string[]) => parseText(['age,site,outcome', ...rows].join('\n'));

describe('CSV files', () => {
  it('become standardised numbers and one-hot categories', () => {
    const { inputs, labels } = parse('50,south,ill', '30,north,well');
    expect(inputs).toEqual([1, 0, 1, -1, 1, 0]);
    expect(labels).toEqual([1, 0]);
  });

  it('may have their columns in another order, more columns, quotes, spaces and a byte-order mark', () => {
    expect(parseText('\ufeffoutcome, name ,"site",age\r\nill,"Doe, Jo",south, 50 \r\n').inputs).toEqual([
      1, 0, 1,
    ]);
  });

  it.each([
    ['50,south', { kind: 'column-count', expected: 3, found: 2 }],
    ['50,south,ill,extra', { kind: 'column-count', expected: 3, found: 4 }],
    ['NaN,south,ill', { kind: 'value-not-a-number', column: 'age', value: 'NaN' }],
    ['Infinity,south,ill', { kind: 'value-not-a-number', column: 'age', value: 'Infinity' }],
    ['-inf,south,ill', { kind: 'value-not-a-number', column: 'age', value: '-inf' }],
    ['fifty,south,ill', { kind: 'value-not-a-number', column: 'age', value: 'fifty' }],
    ['1e300,south,ill', { kind: 'value-out-of-range', column: 'age', value: '1e300' }],
    [',south,ill', { kind: 'value-missing', column: 'age' }],
    ['50,west,ill', { kind: 'category-unknown', column: 'site', value: 'west' }],
    ['50,south,poorly', { kind: 'label-unknown', label: 'poorly' }],
    ['50,south,', { kind: 'label-missing' }],
    ['50,"south,ill', { kind: 'quote-unclosed' }],
  ])('leave out the row %j with its line and reason, and keep the rows around it', (row, reason) => {
    const { inputs, labels, rejections } = parse('30,north,well', row, '50,south,ill');
    expect(rejections).toEqual([{ position: 3, reason }]);
    expect(inputs).toEqual([-1, 1, 0, 1, 0, 1]);
    expect(labels).toEqual([0, 1]);
  });

  it.each(['\n', '\r\n', '\r'])(
    'name the line of the file, past empty lines and values of several lines (%j)',
    (end) => {
      const lines = ['age,site,outcome', '', '"5', '0",south,ill', '', '50,"so', 'uth",ill', '30,west,well'];
      expect(parseText(lines.join(end)).rejections).toEqual([
        { position: 3, reason: { kind: 'value-not-a-number', column: 'age', value: '5\n0' } },
        { position: 6, reason: { kind: 'category-unknown', column: 'site', value: 'so\nuth' } },
        { position: 8, reason: { kind: 'category-unknown', column: 'site', value: 'west' } },
      ]);
    },
  );

  it('may lack a header row when their columns are those of the run in its order, the label last', () => {
    const { inputs, labels, rejections } = parseText('50, south, ill.\n30, west, well\n30, north, well\n');
    expect(inputs).toEqual([1, 0, 1, -1, 1, 0]);
    expect(labels).toEqual([1, 0]);
    const reason = { kind: 'category-unknown', column: 'site', value: 'west' };
    expect(rejections).toEqual([{ position: 2, reason }]);
    expect(reasonOf(() => parseText('50,south,1,ill\n'))).toEqual({
      kind: 'column-missing',
      column: 'outcome',
    });
  });

  it('without a column of the run are refused as a whole', () => {
    const missing = (text: string) => reasonOf(() => parseText(text));
    expect(missing('age,outcome\n50,ill\n')).toEqual({ kind: 'column-missing', column: 'site' });
    expect(missing('')).toEqual({ kind: 'column-missing', column: 'outcome' });
    expect(missing('\n\n')).toEqual({ kind: 'column-missing', column: 'outcome' });
  });
});

describe('CSV read in pieces', () => {
  const text = [
    'a;"b";ç',
    '1;"two\r\nlines";3',
    '',
    '4;"say ""no""";😀',
    '"5;6',
    '7;8;9',
    'last;without;end',
  ].join('\r\n');
  const whole = [...csvRows(bytesOf(text))].flat();

  it('is what it is in one piece', () => {
    expect(whole).toEqual([
      { line: 1, cells: ['a', 'b', 'ç'] },
      { line: 2, cells: ['1', 'two\nlines', '3'] },
      { line: 5, cells: ['4', 'say "no"', '😀'] },
      { line: 6, cells: null },
      { line: 7, cells: ['7', '8', '9'] },
      { line: 8, cells: ['last', 'without', 'end'] },
    ]);
  });

  it.each([40, 41, 42, 43, 44, 45, 53, 64, 77])('of %i bytes gives the same rows', (pieceBytes) => {
    expect([...csvRows(bytesOf(text), { pieceBytes })].flat()).toEqual(whole);
  });

  it('gives up a quotation mark that nothing closes before it has swallowed the file', () => {
    const rows = Array.from({ length: 2000 }, (_, i) => (i === 5 ? '"5,x' : `${i},x`));
    const read = [...csvRows(bytesOf(rows.join('\n')), { pieceBytes: 64, longestRow: 256 })].flat();
    expect(read).toHaveLength(2000);
    expect(read.filter(({ cells }) => cells === null)).toEqual([{ line: 6, cells: null }]);
    expect(read[1999]).toEqual({ line: 2000, cells: ['1999', 'x'] });
  });

  it('is what an independent parser reads, for well-formed tables of every kind of value', () => {
    const values = [
      '',
      'a',
      ' b ',
      '"',
      'x"y',
      '""',
      'line\nend',
      'c,d',
      'e;f',
      'é😀',
      "'",
      '-1.5e3',
      '\n',
      ',',
    ];
    let state = 20_261_121;
    const below = (n: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (let table = 0; table < 300; table += 1) {
      const delimiter = [',', ';', '\t'][table % 3]!;
      const width = 2 + below(4);
      const cells = Array.from({ length: 1 + below(12) }, (_, row) =>
        Array.from({ length: width }, (_, i) => (row === 0 ? `h${i}` : values[below(values.length)]!)),
      );
      const text = Papa.unparse(cells, { delimiter, newline: table % 2 ? '\r\n' : '\n' });
      const reference = Papa.parse<string[]>(text, { delimiter }).data;
      const pieceBytes = 64 + below(40);
      const read = [...csvRows(bytesOf(text), { pieceBytes, longestRow: 10_000 })].flat();
      expect(
        read.map((row) => row.cells),
        `table ${table}`,
      ).toEqual(reference);
      expect(reference).toEqual(cells);
    }
  });
});
