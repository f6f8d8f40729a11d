/** What the charts draw, from the records of finished rounds. */
import type { RoundSummary } from '@tributary/fl-core';
import { decimal, finePercent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { smoothed } from './smoothing.ts';

export interface Curve {
  readonly label: string;
  readonly colour: 'first' | 'second' | 'third';
  /** A `smooth` curve has its `raw` one behind it; `left-behind` are the rounds that a roll back superseded. */
  readonly style: 'plain' | 'smooth' | 'raw' | 'left-behind' | 'constant';
  /** One per round; null where it was not measured. */
  readonly values: readonly (number | null)[];
}

export interface ChartOfCurves {
  readonly title: string;
  readonly rounds: readonly number[];
  readonly curves: readonly Curve[];
  readonly format: (value: number) => string;
  readonly range: readonly [number, number] | null;
}

type Measure = (round: RoundSummary) => number | null;

interface Wanted {
  readonly soloAccuracy: number | null;
  /** In [0, 1), as `smoothed` takes it. */
  readonly smoothing: number;
}

/** Accuracy and loss by round, as far as they were measured. */
export function chartsOf(
  rounds: readonly RoundSummary[],
  { soloAccuracy, smoothing }: Wanted,
): { accuracy: ChartOfCurves | null; loss: ChartOfCurves | null } {
  const text = words.admin;
  const committed = rounds.filter((round) => round.outcome === 'committed');
  const numbers = committed.map((round) => round.roundNumber);
  const curves = (label: string, colour: Curve['colour'], measure: Measure) =>
    curvesOf(committed, { label, colour, measure, smoothing });
  const solo: Curve = {
    label: text.soloAccuracy,
    colour: 'third',
    style: 'constant',
    values: numbers.map(() => soloAccuracy),
  };
  const accuracies = [
    ...curves(text.validationAccuracy, 'first', (round) => round.validationAccuracy),
    ...curves(text.participantAccuracy, 'second', (round) => round.participantAccuracy),
  ];
  const losses = curves(text.validationLoss, 'first', (round) => round.validationLoss);
  const chart = (title: string, drawn: readonly Curve[], rest: Pick<ChartOfCurves, 'format' | 'range'>) =>
    drawn.length === 0 ? null : { title, rounds: numbers, curves: drawn, ...rest };
  return {
    accuracy: chart(
      text.accuracyChart,
      accuracies.length > 0 && soloAccuracy !== null ? [...accuracies, solo] : accuracies,
      { format: finePercent, range: [0, 1] },
    ),
    loss: chart(text.lossChart, losses, { format: decimal, range: null }),
  };
}

function curvesOf(
  committed: readonly RoundSummary[],
  line: { label: string; colour: Curve['colour']; measure: Measure; smoothing: number },
): Curve[] {
  const { label, colour, measure, smoothing } = line;
  const valuesWhere = (isDrawn: (round: RoundSummary) => boolean) =>
    committed.map((round) => (isDrawn(round) ? measure(round) : null));
  const ahead = valuesWhere((round) => !round.isSuperseded);
  const behind = valuesWhere((round) => round.isSuperseded);
  const known: Curve[] =
    smoothing > 0
      ? [
          { label, colour, style: 'raw', values: ahead },
          { label, colour, style: 'smooth', values: smoothed(ahead, smoothing) },
        ]
      : [{ label, colour, style: 'plain', values: ahead }];
  return [{ label, colour, style: 'left-behind', values: behind } as const, ...known].filter(({ values }) =>
    values.some((value) => value !== null),
  );
}
