import { Text } from '@mantine/core';
import type { RunDetail } from '@tributary/fl-core';
import { ProgressBar } from '../../appearance/progress-bar.tsx';
import { Section } from '../../appearance/section.tsx';
import { words } from '../../messages/index.ts';
import { useCoordinatorTime } from './coordinator-time.ts';

/** Phase, countdown and how near the report goal is. `receivedAt`: when this answer came, by this page's clock. */
export function LiveRoundSection({ run, receivedAt }: { run: RunDetail; receivedAt: number }) {
  const text = words.admin;
  const { live } = run;
  const now = useCoordinatorTime(run, receivedAt, live !== null);
  if (!live) {
    return (
      <Section title={text.now}>
        <Text className="quiet">{text.noRound}</Text>
      </Section>
    );
  }
  const share = shareDone(live);
  return (
    <Section
      title={text.roundOf(live.roundNumber)}
      aside={<Text className="quiet">{text.goal(live.reportGoal, live.minimumSurvivors)}</Text>}
    >
      <div data-testid="round-phase" data-phase={live.phase}>
        <Text fw={600}>{text.phases[live.phase]}</Text>
        <Text size="sm" className="quiet figures">
          {live.closesAt !== null
            ? text.closesIn((live.closesAt - now) / 1000)
            : live.phase === 'selecting' && text.noClock}
        </Text>
      </div>
      <ProgressBar fraction={Math.min(1, share)} label={text.phases[live.phase]} />
    </Section>
  );
}

/** How near the end of its phase the round is. */
function shareDone(live: NonNullable<RunDetail['live']>): number {
  if (live.phase === 'selecting') return live.candidates / live.minimumSurvivors;
  if (live.phase === 'training') return live.trained / live.reportGoal;
  const { secureSum } = live;
  const stage = secureSum?.stages.at(-1);
  return secureSum && stage ? stage.members / secureSum.cohort : live.accepted / live.reportGoal;
}
