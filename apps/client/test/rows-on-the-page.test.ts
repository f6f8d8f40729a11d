/** Stored rows as the page shows and edits them. */
import { describe, expect, it } from 'vitest';
import { readCsv } from '../src/data-import/csv.ts';
import { tableCells, textOf } from '../src/vault/row-words.ts';
import { labelTyped } from '../src/vault/typed-label.ts';
import { importTarget } from './import-target.ts';

describe('a typed key', () => {
  it.each([
    ['7', [...'0123456789'], { kind: 'one', label: 7 }],
    ['1', ['10', '1', '2'], { kind: 'one', label: 1 }],
    ['C', ['cat', 'dog'], { kind: 'one', label: 0 }],
    ['c', ['cat', 'cow', 'dog'], { kind: 'many' }],
    ['x', ['cat', 'dog'], { kind: 'none' }],
  ])('%j among %j means %j', (typed, labels, meant) => {
    expect(labelTyped(typed, labels)).toEqual(meant);
  });
});

describe('a stored row', () => {
  it('of a table reads as it did in the file', () => {
    const schema = {
      kind: 'tabular' as const,
      columns: [
        { kind: 'number' as const, name: 'age', mean: 38.58, deviation: 13.64 },
        { kind: 'category' as const, name: 'site', categories: ['north', 'south'] },
        { kind: 'number' as const, name: 'gain', mean: 1077.6, deviation: 7385.3 },
      ],
      labelColumn: 'outcome',
      labels: ['well', 'ill'],
    };
    const rows = ['39,south,2174', '50.5,north,0', '-3,south,99999'];
    const target = importTarget(schema);
    const text = ['age,site,gain,outcome', ...rows.map((row) => `${row},ill`)].join('\n');
    readCsv(new TextEncoder().encode(text), schema, target);
    const { inputs } = target.examples.finish()!;
    const cells = rows.map((_, row) => tableCells(schema, inputs, row));
    for (const [row, [age, site, gain]] of cells.entries()) {
      const [wantedAge, wantedSite, wantedGain] = rows[row]!.split(',');
      expect(Number(age)).toBeCloseTo(Number(wantedAge), 4);
      expect(site).toBe(wantedSite);
      // A float carries six digits: here of 7385.3.
      expect(Math.abs(Number(gain) - Number(wantedGain))).toBeLessThan(0.01);
    }
  });

  it('of text is its characters', () => {
    const schema = { kind: 'text' as const, alphabet: ' ab😀', sequenceLength: 3 };
    expect(textOf(schema, Float32Array.of(0, 1, 2, 3, 1, 9), 1)).toBe('😀a');
  });
});
