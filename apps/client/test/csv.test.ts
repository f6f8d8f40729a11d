import { describe, expect, it } from 'vitest';
import { examplesFromCsv } from '../src/data-import/csv.ts';
import { LISTED_REJECTIONS } from '../src/data-import/imported.ts';

const schema = {
  kind: 'tabular' as const,
  columns: [
    { kind: 'number' as const, name: 'age', mean: 40, deviation: 10 },
    { kind: 'category' as const, name: 'site', categories: ['north', 'south'] },
  ],
  labelColumn: 'outcome',
  labels: ['well', 'ill'],
};

const parse = (...rows: string[]) => examplesFromCsv(['age,site,outcome', ...rows].join('\n'), schema);

describe('CSV files', () => {
  it('become standardised numbers and one-hot categories', () => {
    const examples = parse('50,south,ill', '30,north,well');
    expect([...examples.inputs]).toEqual([1, 0, 1, -1, 1, 0]);
    expect([...examples.labels]).toEqual([1, 0]);
  });

  it('may have their columns in another order, more columns, quotes, spaces and a byte-order mark', () => {
    const text = '\ufeffoutcome, name ,"site",age\r\nill,"Doe, Jo",south, 50 \r\n';
    expect([...examplesFromCsv(text, schema).inputs]).toEqual([1, 0, 1]);
  });

  it.each([
    ['50,south', { kind: 'column-count', expected: 3, found: 2 }],
    ['50,south,ill,extra', { kind: 'column-count', expected: 3, found: 4 }],
    ['NaN,south,ill', { kind: 'value-not-a-number', column: 'age', value: 'NaN' }],
    ['Infinity,south,ill', { kind: 'value-not-a-number', column: 'age', value: 'Infinity' }],
    ['fifty,south,ill', { kind: 'value-not-a-number', column: 'age', value: 'fifty' }],
    [',south,ill', { kind: 'value-missing', column: 'age' }],
    ['50,west,ill', { kind: 'category-unknown', column: 'site', value: 'west' }],
    ['50,south,poorly', { kind: 'label-unknown', label: 'poorly' }],
    ['50,south,', { kind: 'label-missing' }],
  ])('leave out the row %j with its line and reason, and keep the rows around it', (row, reason) => {
    const examples = parse('30,north,well', row, '50,south,ill');
    expect(examples.rejections).toEqual([{ position: 3, reason }]);
    expect([...examples.inputs]).toEqual([-1, 1, 0, 1, 0, 1]);
    expect([...examples.labels]).toEqual([0, 1]);
  });

  it('may lack a header row when their columns are those of the run in its order, the label last', () => {
    const examples = examplesFromCsv('50, south, ill.\n30, west, well\n30, north, well\n', schema);
    expect([...examples.inputs]).toEqual([1, 0, 1, -1, 1, 0]);
    expect([...examples.labels]).toEqual([1, 0]);
    const reason = { kind: 'category-unknown', column: 'site', value: 'west' };
    expect(examples.rejections).toEqual([{ position: 2, reason }]);
    expect(() => examplesFromCsv('50,south,1,ill\n', schema)).toThrow(
      expect.objectContaining({ reason: { kind: 'column-missing', column: 'outcome' } }),
    );
  });

  it('without a column of the run are refused as a whole', () => {
    expect(() => examplesFromCsv('age,outcome\n50,ill\n', schema)).toThrow(
      expect.objectContaining({ reason: { kind: 'column-missing', column: 'site' } }),
    );
    expect(() => examplesFromCsv('', schema)).toThrow(
      expect.objectContaining({ reason: { kind: 'column-missing', column: 'outcome' } }),
    );
  });

  it('with very many bad rows list the first and count all', () => {
    const examples = parse(...Array.from({ length: 500 }, () => 'x,north,well'));
    expect(examples.rejected).toBe(500);
    expect(examples.rejections).toHaveLength(LISTED_REJECTIONS);
    expect(examples.count).toBe(0);
  });
});
