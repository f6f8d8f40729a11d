/** What the dashboard works out from the records of rounds. */
import { type RoundSummary, type RunDetail, roundSummarySchema } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { mergedRun } from '../src/dashboard/merged-run.ts';
import { curvesCsv } from '../src/dashboard/overview/curves-csv.ts';
import { chartsOf } from '../src/dashboard/overview/curves-of-rounds.ts';
import { phaseSpans } from '../src/dashboard/overview/phase-spans.ts';
import { smoothed } from '../src/dashboard/overview/smoothing.ts';
import { sorted } from '../src/dashboard/overview/sorted.ts';

const round = (roundNumber: number, rest: Partial<RoundSummary> = {}): RoundSummary => ({
  ...roundSummarySchema.parse({
    roundNumber,
    outcome: 'committed',
    reason: null,
    openedAt: 1000,
    closedAt: 3500,
    timeline: [],
    isSuperseded: false,
    invited: 4,
    trained: 3,
    accepted: 2,
    dropped: {},
    modelHash: 'ab'.repeat(32),
    bytesUp: 10,
    bytesDown: 20,
    validationAccuracy: roundNumber / 10,
    validationLoss: null,
    participantAccuracy: null,
  }),
  ...rest,
});

describe('smoothing', () => {
  it('leaves values as they are at weight 0, and a constant at any weight', () => {
    expect(smoothed([0.1, null, 0.7], 0)).toEqual([0.1, null, 0.7]);
    for (const value of smoothed([0.4, 0.4, 0.4, 0.4], 0.9)) expect(value).toBeCloseTo(0.4, 12);
  });

  it('is the average of what was measured so far, weighted by age', () => {
    const weight = 0.8;
    const values = [3, null, 1, 4, 1, 5, null, 9];
    const measured: number[] = [];
    const slow = values.map((value) => {
      if (value === null) return null;
      measured.push(value);
      const weights = measured.map((_, i) => weight ** (measured.length - 1 - i));
      const sum = measured.reduce((total, seen, i) => total + seen * weights[i]!, 0);
      return sum / weights.reduce((total, share) => total + share, 0);
    });
    smoothed(values, weight).forEach((value, i) => {
      if (slow[i] === null) expect(value).toBeNull();
      else expect(value).toBeCloseTo(slow[i]!, 12);
    });
  });
});

describe('curves', () => {
  const rounds = [
    round(1),
    round(2, { isSuperseded: true }),
    round(3, { outcome: 'abandoned', validationAccuracy: null }),
    round(4),
  ];

  it('show rounds that were left behind apart, and abandoned ones not at all', () => {
    const { accuracy, loss } = chartsOf(rounds, { soloAccuracy: null, smoothing: 0 });
    expect(loss).toBeNull();
    expect(accuracy?.rounds).toEqual([1, 2, 4]);
    expect(accuracy?.curves.map(({ style, values }) => [style, values])).toEqual([
      ['left-behind', [null, 0.2, null]],
      ['plain', [0.1, null, 0.4]],
    ]);
  });

  it('keep the raw values behind the smooth ones', () => {
    const { accuracy } = chartsOf([round(1), round(2)], { soloAccuracy: 0.5, smoothing: 0.5 });
    expect(accuracy?.curves.map(({ style }) => style)).toEqual(['raw', 'smooth', 'constant']);
    expect(accuracy?.curves[0]?.values).toEqual([0.1, 0.2]);
  });

  it('are written with every finished round, one line each, and nothing where nothing was measured', () => {
    const [head, ...lines] = curvesCsv(rounds).split('\r\n');
    expect(head?.split(',').slice(0, 4)).toEqual(['round', 'outcome', 'reason', 'superseded']);
    expect(lines.at(-1)).toBe('');
    expect(lines).toHaveLength(rounds.length + 1);
    const cells = Object.fromEntries(head!.split(',').map((name, i) => [name, lines[1]!.split(',')[i]]));
    expect(cells).toMatchObject({ round: '2', superseded: '1', seconds: '2.5', validation_accuracy: '0.2' });
    expect(cells.validation_loss).toBe('');
  });
});

describe('a run that is asked for again and again', () => {
  const answer = (rounds: RoundSummary[], revision: number) => ({ rounds, revision }) as RunDetail;

  it('takes rounds that changed in, by number, and keeps the others', () => {
    const known = answer([round(1), round(2)], 2);
    const merged = mergedRun(known, answer([round(3), round(1, { validationAccuracy: 0.9 })], 4));
    expect(merged.revision).toBe(4);
    expect(
      merged.rounds.map(({ roundNumber, validationAccuracy }) => [roundNumber, validationAccuracy]),
    ).toEqual([
      [1, 0.9],
      [2, 0.2],
      [3, 0.3],
    ]);
  });

  it('keeps the very same rounds when none changed, so that nothing is drawn anew', () => {
    const known = answer([round(1)], 1);
    expect(mergedRun(known, answer([], 1)).rounds).toBe(known.rounds);
  });
});

describe('where the time goes', () => {
  it('adds up to the time between opening and outcome', () => {
    const timeline = [
      { phase: 'selecting', at: 100 },
      { phase: 'training', at: 400 },
      { phase: 'reporting', at: 1400 },
      { phase: 'committed', at: 1500 },
    ] as const;
    const spans = phaseSpans(timeline, 9999);
    expect(spans.map(({ phase }) => phase)).toEqual(['selecting', 'training', 'reporting']);
    expect(spans.map(({ milliseconds }) => milliseconds)).toEqual([300, 1000, 100]);
  });

  it('lets the last phase of a round in progress grow, and never shrink below nothing', () => {
    const timeline = [{ phase: 'selecting', at: 100 }] as const;
    expect(phaseSpans(timeline, 350)).toEqual([{ phase: 'selecting', milliseconds: 250 }]);
    expect(phaseSpans(timeline, 50)).toEqual([{ phase: 'selecting', milliseconds: 0 }]);
  });
});

it('rows that are equal in a column keep their order, up and down', () => {
  const rows = [
    { name: 'a', n: 2 },
    { name: 'b', n: 10 },
    { name: 'c', n: 2 },
  ];
  const by = (descending: boolean) =>
    sorted(rows, (row, column: 'n' | 'name') => row[column], { by: 'n', descending }).map(({ name }) => name);
  expect(by(false)).toEqual(['a', 'c', 'b']);
  expect(by(true)).toEqual(['b', 'a', 'c']);
});
