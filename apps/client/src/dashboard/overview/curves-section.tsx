/** Accuracy and loss by round: as charts, as a table for whom a chart says nothing, and to take home. */
import { Button, Group, Stack, Text, useComputedColorScheme } from '@mantine/core';
import type { RoundSummary } from '@tributary/fl-core';
import { useMemo, useRef, useState } from 'react';
import { CheckBox } from '../../appearance/check-box.tsx';
import { Section } from '../../appearance/section.tsx';
import { words } from '../../messages/index.ts';
import { downloadFile } from '../download-file.ts';
import { roundAddress } from '../view.ts';
import { COLOURS, CurveChart } from './curve-chart.tsx';
import { curvesCsv } from './curves-csv.ts';
import { chartsOf } from './curves-of-rounds.ts';
import { pictureOfCharts } from './curves-picture.ts';
import { CurvesTable } from './curves-table.tsx';

interface CurvesProps {
  readonly runId: string;
  readonly rounds: readonly RoundSummary[];
  readonly soloAccuracy: number | null;
  /** Whether the run may go back to a round that is pointed at. */
  readonly canGoBack: boolean;
}

export function CurvesSection({ runId, rounds, soloAccuracy, canGoBack }: CurvesProps) {
  const text = words.admin;
  const [smoothing, setSmoothing] = useState(0);
  const [logarithmic, setLogarithmic] = useState(false);
  const canvases = useRef(new Map<string, HTMLCanvasElement>());
  const scheme = useComputedColorScheme('light');
  const { accuracy, loss } = useMemo(
    () => chartsOf(rounds, { soloAccuracy, smoothing }),
    [rounds, soloAccuracy, smoothing],
  );
  const charts = [accuracy, loss].filter((chart) => chart !== null);
  if (charts.length === 0) {
    return (
      <Section title={text.curves}>
        <Text className="quiet">{text.noCurves}</Text>
      </Section>
    );
  }
  const saveCsv = () =>
    downloadFile(`${runId}-rounds.csv`, new Blob([curvesCsv(rounds)], { type: 'text/csv;charset=utf-8' }));
  const savePicture = async () => {
    const drawings = charts.flatMap((chart) => {
      const canvas = canvases.current.get(chart.title);
      return canvas ? [{ chart, canvas }] : [];
    });
    downloadFile(`${runId}-curves.png`, await pictureOfCharts(drawings, COLOURS[scheme]));
  };
  const goBackTo = (round: number) => {
    location.href = roundAddress(runId, round);
  };
  const leftBehind = rounds.some((round) => round.isSuperseded && round.outcome === 'committed');
  return (
    <Section title={text.curves}>
      <Group gap="lg" className="curve-options">
        <label className="smoothing">
          <span>{text.smoothing}</span>
          <input
            type="range"
            min={0}
            max={0.95}
            step={0.05}
            value={smoothing}
            onChange={(event) => setSmoothing(Number(event.currentTarget.value))}
          />
          <output className="figures">{smoothing.toFixed(2)}</output>
        </label>
        {loss && (
          <CheckBox
            label={text.logarithmicLoss}
            checked={logarithmic}
            onChange={(event) => setLogarithmic(event.currentTarget.checked)}
          />
        )}
      </Group>
      <Stack gap="lg">
        {charts.map((chart) => (
          <CurveChart
            key={chart.title}
            chart={chart}
            logarithmic={logarithmic && chart === loss}
            onChosen={canGoBack ? goBackTo : null}
            onDrawn={(canvas) =>
              canvas ? canvases.current.set(chart.title, canvas) : canvases.current.delete(chart.title)
            }
          />
        ))}
      </Stack>
      {canGoBack && (
        <Text size="sm" className="quiet">
          {text.goBackByCurve}
        </Text>
      )}
      {leftBehind && (
        <Text size="sm" className="quiet">
          {text.leftBehindHint}
        </Text>
      )}
      <CurvesTable rounds={rounds} />
      <Group gap="xs">
        <Button size="sm" variant="default" onClick={saveCsv}>
          {text.saveCsv}
        </Button>
        <Button size="sm" variant="default" onClick={() => void savePicture()}>
          {text.savePicture}
        </Button>
      </Group>
    </Section>
  );
}
