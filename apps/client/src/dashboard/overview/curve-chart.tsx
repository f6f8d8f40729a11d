/** A thin wrapper around uPlot: made anew when its shape or the colours change, else only given new data. */
import { Text, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { words } from '../../messages/index.ts';
import type { ChartOfCurves, Curve } from './curves-of-rounds.ts';

interface CurveChartProps {
  readonly chart: ChartOfCurves;
  readonly logarithmic: boolean;
  /** The drawing, for a picture of it; null when it goes away. */
  readonly onDrawn: (canvas: HTMLCanvasElement | null) => void;
  /** Somebody pointed at this round; null when nothing comes of it. */
  readonly onChosen: ((round: number) => void) | null;
}

const HEIGHT = 260;

/** Told apart by lightness and dash as well as by hue. */
export const COLOURS = {
  light: {
    first: '#0b7285',
    second: '#c2410c',
    third: '#495057',
    axis: '#4c5a5e',
    grid: '#dfe7e9',
    ink: '#111',
    ground: '#fff',
  },
  dark: {
    first: '#3bc9db',
    second: '#ffa94d',
    third: '#ced4da',
    axis: '#b0bbbe',
    grid: '#3a4144',
    ink: '#eee',
    ground: '#242424',
  },
} as const;

export function CurveChart({ chart, logarithmic, onDrawn, onChosen }: CurveChartProps) {
  const { title, rounds, curves, format, range } = chart;
  const scheme = useComputedColorScheme('light');
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<UPlot | null>(null);
  const titleId = useId();
  const data = [rounds, ...curves.map((curve) => curve.values)] as unknown as UPlot.AlignedData;
  const shape = curves.map(({ label, style }) => `${label}/${style}`).join('|');

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the curves; data follows below
  useEffect(() => {
    const colours = COLOURS[scheme];
    const axis = {
      stroke: colours.axis,
      grid: { stroke: colours.grid, width: 1 },
      ticks: { stroke: colours.grid },
    };
    const plot = new UPlot(
      {
        width: holder.current!.clientWidth,
        height: HEIGHT,
        scales: {
          x: { time: false },
          y: { distr: logarithmic ? 3 : 1, ...(range && !logarithmic && { range: [range[0], range[1]] }) },
        },
        axes: [
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] },
          // A logarithmic axis leaves most of its ticks unnamed: null.
          {
            ...axis,
            size: 62,
            values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : format(tick))),
          },
        ],
        // Nobody points at the chart: the legend shows the newest round.
        hooks: { setCursor: [(shown) => shown.cursor.idx ?? showNewest(shown)] },
        series: [
          { label: words.round },
          ...curves.map((curve) => ({
            label: curve.label,
            stroke: colours[curve.colour],
            value: (_plot: UPlot, value: number | null) => (value === null ? '–' : format(value)),
            ...lineOf(curve.style),
          })),
        ],
      },
      data,
      holder.current!,
    );
    drawn.current = plot;
    onDrawn(plot.ctx.canvas);
    const resizing = new ResizeObserver(([entry]) => {
      if (entry) plot.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    resizing.observe(holder.current!);
    return () => {
      resizing.disconnect();
      plot.destroy();
      drawn.current = null;
      onDrawn(null);
    };
  }, [scheme, shape, logarithmic]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: rounds and curves are what the data are made of
  useEffect(() => {
    drawn.current?.setData(data);
    if (drawn.current) showNewest(drawn.current);
  }, [rounds, curves]);

  const choose = () => {
    const position = drawn.current?.cursor.idx;
    const round = position == null ? undefined : rounds[position];
    if (round !== undefined) onChosen?.(round);
  };
  return (
    <figure className="curve" aria-labelledby={titleId}>
      <Text component="figcaption" size="sm" fw={600} id={titleId}>
        {title}
      </Text>
      {/* Pointing is for whom sees the curve; the table of rounds leads everybody to the same. */}
      <div ref={holder} aria-hidden onClick={choose} data-choosable={onChosen !== null || undefined} />
      <VisuallyHidden>
        {title}. {curves.map((curve) => summaryOf(curve, rounds, format)).join(' ')}
      </VisuallyHidden>
    </figure>
  );
}

function lineOf(style: Curve['style']): Partial<UPlot.Series> {
  const points = { show: false };
  switch (style) {
    case 'plain':
      return { width: 2, spanGaps: true };
    case 'smooth':
      return { width: 2.5, spanGaps: true, points };
    case 'raw':
      return { width: 1, spanGaps: true, points, alpha: 0.35, class: 'unlisted' };
    case 'left-behind':
      return { width: 1.5, dash: [2, 4], points, alpha: 0.8, class: 'unlisted' };
    case 'constant':
      return { width: 2, dash: [6, 5], points };
  }
}

function showNewest(plot: UPlot): void {
  plot.setLegend({ idx: plot.data[0].length - 1 });
}

function summaryOf(curve: Curve, rounds: readonly number[], format: (value: number) => string): string {
  if (curve.style === 'raw' || curve.style === 'left-behind') return '';
  const measured = curve.values.flatMap((value, i) => (value === null ? [] : [{ value, round: rounds[i]! }]));
  const [first, last] = [measured.at(0), measured.at(-1)];
  if (!first || !last) return '';
  return words.admin.chartSummary(curve.label, format(first.value), format(last.value), last.round);
}
