/** A thin wrapper around uPlot: made anew when the set of curves or the colours change, else only given new data. */
import { Text, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { words } from '../messages/index.ts';

export interface Curve {
  readonly label: string;
  readonly colour: 'first' | 'second' | 'third';
  readonly dashed: boolean;
  /** One per round; null where it was not measured. */
  readonly values: readonly (number | null)[];
}

interface CurveChartProps {
  readonly title: string;
  readonly rounds: readonly number[];
  readonly curves: readonly Curve[];
  readonly format: (value: number) => string;
  readonly range: readonly [number, number] | null;
}

const HEIGHT = 260;

/** Told apart by lightness and dash as well as by hue. */
const COLOURS = {
  light: { first: '#0b7285', second: '#e8590c', third: '#495057', axis: '#4c5a5e', grid: '#dfe7e9' },
  dark: { first: '#3bc9db', second: '#ffa94d', third: '#ced4da', axis: '#b0bbbe', grid: '#3a4144' },
} as const;

export function CurveChart({ title, rounds, curves, format, range }: CurveChartProps) {
  const scheme = useComputedColorScheme('light');
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const titleId = useId();
  const data = [rounds, ...curves.map((curve) => curve.values)] as unknown as UPlot.AlignedData;
  const shape = curves.map((curve) => curve.label).join('|');

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the curves; data follows below
  useEffect(() => {
    const colours = COLOURS[scheme];
    const plot = new UPlot(
      {
        width: holder.current!.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false }, y: range ? { range: [range[0], range[1]] } : {} },
        axes: [
          {
            stroke: colours.axis,
            grid: { stroke: colours.grid, width: 1 },
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
          },
          {
            stroke: colours.axis,
            grid: { stroke: colours.grid, width: 1 },
            size: 62,
            values: (_plot, ticks) => ticks.map((tick) => format(tick)),
          },
        ],
        // Nobody points at the chart: the legend shows the newest round.
        hooks: { setCursor: [(shown) => shown.cursor.idx ?? showNewest(shown)] },
        series: [
          { label: words.taking.round },
          ...curves.map((curve) => ({
            label: curve.label,
            stroke: colours[curve.colour],
            width: 2,
            spanGaps: true,
            ...(curve.dashed && { dash: [6, 5], points: { show: false } }),
            value: (_plot: UPlot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
      },
      data,
      holder.current!,
    );
    chart.current = plot;
    const resizing = new ResizeObserver(([entry]) => {
      if (entry) plot.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    resizing.observe(holder.current!);
    return () => {
      resizing.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [scheme, shape]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: rounds and curves are what the data are made of
  useEffect(() => {
    chart.current?.setData(data);
    if (chart.current) showNewest(chart.current);
  }, [rounds, curves]);

  return (
    <figure className="curve" aria-labelledby={titleId}>
      <Text component="figcaption" size="sm" fw={600} id={titleId}>
        {title}
      </Text>
      <div ref={holder} aria-hidden />
      <VisuallyHidden>
        {title}. {curves.map((curve) => summaryOf(curve, rounds, format)).join(' ')}
      </VisuallyHidden>
    </figure>
  );
}

function showNewest(chart: UPlot): void {
  chart.setLegend({ idx: chart.data[0].length - 1 });
}

function summaryOf(curve: Curve, rounds: readonly number[], format: (value: number) => string): string {
  const measured = curve.values.flatMap((value, i) => (value === null ? [] : [{ value, round: rounds[i]! }]));
  const [first, last] = [measured.at(0), measured.at(-1)];
  if (!first || !last) return '';
  return words.admin.chartSummary(curve.label, format(first.value), format(last.value), last.round);
}
