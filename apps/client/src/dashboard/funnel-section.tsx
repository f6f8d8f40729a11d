import { Stack, Text } from '@mantine/core';
import type { RunDetail } from '@tributary/fl-core';
import { Section } from '../appearance/section.tsx';
import { bytes, count, percent } from '../messages/figures.ts';
import { words } from '../messages/index.ts';

interface Funnel {
  readonly invited: number;
  readonly trained: number;
  readonly accepted: number;
}

export function FunnelSection({ run }: { run: RunDetail }) {
  const text = words.admin;
  const total = (field: keyof Funnel) => run.rounds.reduce((sum, round) => sum + round[field], 0);
  const overall = { invited: total('invited'), trained: total('trained'), accepted: total('accepted') };
  const [up, down] = (['bytesUp', 'bytesDown'] as const).map((field) =>
    run.rounds.reduce((sum, round) => sum + round[field], 0),
  );
  return (
    <Section title={text.funnel}>
      <Stack gap="sm">
        {run.live && <FunnelBars title={text.roundOf(run.live.roundNumber)} funnel={run.live} />}
        <FunnelBars title={text.overall} funnel={overall} />
        <Text size="sm" className="quiet">
          {text.traffic(bytes(up!), bytes(down!))}
        </Text>
      </Stack>
    </Section>
  );
}

function FunnelBars({ title, funnel }: { title: string; funnel: Funnel }) {
  const steps = ['invited', 'trained', 'accepted'] as const;
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <div className="funnel">
        {steps.map((step) => {
          const share = funnel.invited === 0 ? 0 : funnel[step] / funnel.invited;
          return (
            <div className="funnel-row" key={step}>
              <span>{words.admin[step]}</span>
              <span className="funnel-bar" aria-hidden>
                <span style={{ width: `${100 * Math.min(1, share)}%` }} />
              </span>
              <span className="figures">
                {count(funnel[step])} <span className="quiet">{funnel.invited > 0 && percent(share)}</span>
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
