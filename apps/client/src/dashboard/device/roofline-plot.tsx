/** Williams et al. 2009, figure 1: both axes logarithmic, the roof, and each kernel as its number in the table. */
import { attainable, type BackendMeasurement } from '@tributary/training/roofline';
import { decimal } from '../../messages/figures.ts';
import { rooflineWords } from './words.ts';

const WIDTH = 640;
const HEIGHT = 360;
const EDGE = { left: 56, right: 12, top: 12, bottom: 44 };

interface PlotProps {
  readonly backend: BackendMeasurement;
  readonly name: string;
  readonly label: string;
}

export function RooflinePlot({ backend, name, label }: PlotProps) {
  const text = rooflineWords();
  const { ceilings } = backend;
  const points = backend.kernels.flatMap(({ work, seconds, pass }, index) =>
    work.flops === 0
      ? []
      : [{ number: index + 1, pass, x: work.flops / work.bytes, y: work.flops / seconds / 1e9 }],
  );
  const ridge = ceilings.flopsPerSecond / ceilings.bytesPerSecond;
  const x = logarithmic(decadesAround([ridge, ...points.map((point) => point.x)]), [
    EDGE.left,
    WIDTH - EDGE.right,
  ]);
  const roofAt = (intensity: number): number => attainable(ceilings, intensity) / 1e9;
  const heights = [roofAt(x.least), roofAt(x.most), ...points.map((point) => point.y)];
  const y = logarithmic(decadesAround(heights), [HEIGHT - EDGE.bottom, EDGE.top]);
  const roof = [x.least, ridge, x.most].map((at) => `${x.at(at)},${y.at(roofAt(at))}`).join(' ');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: otherwise it cannot be scrolled by keyboard
    <section className="roofline-plot" tabIndex={0} aria-label={name}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {x.decades.map((value) => (
          <g key={value}>
            <line
              className="grid"
              x1={x.at(value)}
              x2={x.at(value)}
              y1={EDGE.top}
              y2={HEIGHT - EDGE.bottom}
            />
            <text x={x.at(value)} y={HEIGHT - EDGE.bottom + 16} textAnchor="middle">
              {decimal(value)}
            </text>
          </g>
        ))}
        {y.decades.map((value) => (
          <g key={value}>
            <line className="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y.at(value)} y2={y.at(value)} />
            <text x={EDGE.left - 6} y={y.at(value) + 4} textAnchor="end">
              {decimal(value)}
            </text>
          </g>
        ))}
        <text x={(EDGE.left + WIDTH) / 2} y={HEIGHT - 6} textAnchor="middle">
          {text.intensity}
        </text>
        <text transform={`translate(14 ${HEIGHT / 2}) rotate(-90)`} textAnchor="middle">
          {text.performance}
        </text>
        <polyline className="roof" points={roof} />
        {points.map((point) => (
          <g key={point.number}>
            <circle data-pass={point.pass} cx={x.at(point.x)} cy={y.at(point.y)} r={4} />
            <text x={x.at(point.x) + 6} y={y.at(point.y) - 4}>
              {point.number}
            </text>
          </g>
        ))}
      </svg>
    </section>
  );
}

/** The powers of ten at and around all values. */
function decadesAround(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: Math.max(2, last - first + 1) }, (_, index) => 10 ** (first + index));
}

function logarithmic(decades: readonly number[], [from, to]: readonly [number, number]) {
  const [least, most] = [decades[0]!, decades.at(-1)!];
  const share = (value: number): number => Math.log(value / least) / Math.log(most / least);
  return { decades, least, most, at: (value: number) => Math.round(from + share(value) * (to - from)) };
}
