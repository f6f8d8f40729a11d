/** Accuracy and loss by round. A sentence beside each chart says the same for those who cannot see it. */
import { Stack, Text } from '@mantine/core';
import type { RoundSummary } from '@tributary/fl-core';
import { useMemo } from 'react';
import { finePercent } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { type Curve, CurveChart } from './curve-chart.tsx';

interface CurvesProps {
  readonly rounds: readonly RoundSummary[];
  readonly soloAccuracy: number | null;
}

export function Curves({ rounds, soloAccuracy }: CurvesProps) {
  const text = words.admin;
  const { numbers, accuracies, losses } = useMemo(
    () => curvesOf(rounds, soloAccuracy),
    [rounds, soloAccuracy],
  );
  if (accuracies.length === 0 && losses.length === 0) return <Text className="quiet">{text.noCurves}</Text>;
  return (
    <Stack gap="lg">
      {accuracies.length > 0 && (
        <CurveChart
          title={text.accuracyChart}
          rounds={numbers}
          curves={accuracies}
          format={finePercent}
          range={[0, 1]}
        />
      )}
      {losses.length > 0 && (
        <CurveChart
          title={text.lossChart}
          rounds={numbers}
          curves={losses}
          format={(loss) => loss.toFixed(3)}
          range={null}
        />
      )}
    </Stack>
  );
}

function curvesOf(rounds: readonly RoundSummary[], soloAccuracy: number | null) {
  const text = words.admin;
  const committed = rounds
    .filter((round) => round.outcome === 'committed')
    .toSorted((a, b) => a.roundNumber - b.roundNumber);
  const curve = (
    label: string,
    colour: Curve['colour'],
    measureOf: (round: RoundSummary) => number | null,
  ): Curve => ({
    label,
    colour,
    dashed: false,
    values: committed.map(measureOf),
  });
  const solo: Curve[] =
    soloAccuracy === null
      ? []
      : [
          {
            label: text.soloAccuracy,
            colour: 'third',
            dashed: true,
            values: committed.map(() => soloAccuracy),
          },
        ];
  const known = ({ values }: Curve) => values.some((value) => value !== null);
  return {
    numbers: committed.map((round) => round.roundNumber),
    accuracies: [
      curve(text.validationAccuracy, 'first', (round) => round.validationAccuracy),
      curve(text.participantAccuracy, 'second', (round) => round.participantAccuracy),
      ...solo,
    ].filter(known),
    losses: [curve(text.validationLoss, 'first', (round) => round.validationLoss)].filter(known),
  };
}
