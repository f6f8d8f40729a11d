/** Where the time of the recent rounds went: one stacked bar a round, the one in progress growing. */
import { Text } from '@mantine/core';
import type { RoundPhase, RunDetail } from '@tributary/fl-core';
import { Section } from '../../appearance/section.tsx';
import { shortDuration } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { useCoordinatorTime } from './coordinator-time.ts';
import { type PhaseSpan, phaseSpans } from './phase-spans.ts';

const SHOWN = 10;
/** Those that take time; the cohort closes as fast as the disk writes. */
const DRAWN = [
  'selecting',
  'training',
  'cohortClosed',
  'sharing',
  'reporting',
  'confirming',
  'unmasking',
  'aggregating',
] as const satisfies RoundPhase[];
/** With secure aggregation only. */
const OF_SUMS: ReadonlySet<RoundPhase> = new Set(['sharing', 'confirming', 'unmasking']);

interface Bar {
  readonly name: string;
  readonly spans: readonly PhaseSpan[];
  readonly total: number;
}

export function TimelineSection({ run, receivedAt }: { run: RunDetail; receivedAt: number }) {
  const text = words.admin;
  const { live, rounds } = run;
  const now = useCoordinatorTime(run, receivedAt, live !== null);
  const bars = [
    ...(live ? [barOf(text.roundOf(live.roundNumber), phaseSpans(live.timeline, now))] : []),
    ...rounds
      .slice(-SHOWN)
      .toReversed()
      .map((round) => barOf(text.roundOf(round.roundNumber), phaseSpans(round.timeline, round.closedAt))),
  ].filter(({ spans }) => spans.length > 0);
  const isSecure = run.manifest.secureAggregation.mode !== 'off';
  const longest = Math.max(...bars.map(({ total }) => total), 1);
  return (
    <Section title={text.timeline}>
      {bars.length === 0 ? (
        <Text className="quiet">{text.noRounds}</Text>
      ) : (
        <>
          <ul className="phase-legend">
            {DRAWN.filter((phase) => isSecure || !OF_SUMS.has(phase)).map((phase) => (
              <li key={phase}>
                <span className="phase-swatch" data-phase={phase} aria-hidden />
                {text.phases[phase]}
              </li>
            ))}
          </ul>
          <ol className="timeline">
            {bars.map((bar) => (
              <li key={bar.name}>
                <span>{bar.name}</span>
                <span className="timeline-track" role="img" aria-label={spoken(bar)}>
                  {bar.spans.map(({ phase, milliseconds }) => (
                    <span
                      key={phase}
                      data-phase={phase}
                      title={spanWords({ phase, milliseconds })}
                      style={{ width: `${(100 * milliseconds) / longest}%` }}
                    />
                  ))}
                </span>
                <span className="figures">{shortDuration(bar.total / 1000)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Section>
  );
}

const barOf = (name: string, spans: readonly PhaseSpan[]): Bar => ({
  name,
  spans,
  total: spans.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
});

const spanWords = ({ phase, milliseconds }: PhaseSpan) =>
  `${words.admin.phases[phase]}: ${shortDuration(milliseconds / 1000)}`;
const spoken = ({ spans }: Bar) => spans.map(spanWords).join(', ');
