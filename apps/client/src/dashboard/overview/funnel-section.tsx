/** How many were candidates, invited, had trained, and were accepted; and why the others dropped out. */
import { Stack, Text } from '@mantine/core';
import type { RunDetail } from '@tributary/fl-core';
import { Section } from '../../appearance/section.tsx';
import { bytes, count, percent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';

interface Funnel {
  readonly candidates?: number;
  readonly invited: number;
  readonly trained: number;
  readonly accepted: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export function FunnelSection({ run: { live, totals } }: { run: RunDetail }) {
  const text = words.admin;
  return (
    <Section title={text.funnel}>
      <Stack gap="md">
        {live && <FunnelBars title={text.roundOf(live.roundNumber)} funnel={live} />}
        <FunnelBars title={text.overall(totals.committed, totals.abandoned)} funnel={totals} />
        <Text size="sm" className="quiet">
          {text.traffic(bytes(totals.bytesUp), bytes(totals.bytesDown))}
        </Text>
      </Stack>
    </Section>
  );
}

function FunnelBars({ title, funnel }: { title: string; funnel: Funnel }) {
  // Candidates are known while they gather; afterwards some of them are the invited.
  const steps = (['candidates', 'invited', 'trained', 'accepted'] as const).filter(
    (step) => step !== 'candidates' || funnel.candidates,
  );
  const widest = Math.max(funnel.candidates ?? 0, funnel.invited);
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <dl className="funnel">
        {steps.map((step) => {
          const share = widest === 0 ? 0 : (funnel[step] ?? 0) / widest;
          return (
            <div className="funnel-row" key={step}>
              <dt>{words.admin[step]}</dt>
              <dd>
                <span className="funnel-bar" aria-hidden>
                  <span style={{ width: `${100 * Math.min(1, share)}%` }} />
                </span>
                <span className="figures">
                  {count(funnel[step] ?? 0)} <span className="quiet">{widest > 0 && percent(share)}</span>
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
      <DropOuts dropped={funnel.dropped} />
    </div>
  );
}

function DropOuts({ dropped }: Pick<Funnel, 'dropped'>) {
  const text = words.admin;
  const reasons = Object.entries(dropped).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return null;
  return (
    <Text size="sm" className="quiet" mt={4}>
      {text.droppedOut}{' '}
      {reasons
        .map(([reason, members]) => `${text.dropReasons[reason] ?? reason} ${count(members)}`)
        .join(', ')}
    </Text>
  );
}
