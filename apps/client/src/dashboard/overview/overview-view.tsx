/** The run live: curves, the round in progress, the funnel, where the time goes, and who is here. */
import { Stack } from '@mantine/core';
import type { RunDetail } from '@tributary/fl-core';
import { useMay } from '../operator-context.ts';
import { CurvesSection } from './curves-section.tsx';
import { FunnelSection } from './funnel-section.tsx';
import { LiveRoundSection } from './live-round-section.tsx';
import { ParticipantsTable } from './participants-table.tsx';
import { SecureSumSection } from './secure-sum-section.tsx';
import { TimelineSection } from './timeline-section.tsx';

export function OverviewView({ run, receivedAt }: { run: RunDetail; receivedAt: number }) {
  const maySteer = useMay('operator');
  const { status } = run.summary;
  // `run.rounds` is the same array until a round changes, so that curves are drawn anew only then.
  return (
    <div className="run-columns">
      <Stack gap="md">
        <LiveRoundSection run={run} receivedAt={receivedAt} />
        <SecureSumSection run={run} />
        <FunnelSection run={run} />
      </Stack>
      <Stack gap="md">
        <CurvesSection
          runId={run.summary.runId}
          rounds={run.rounds}
          soloAccuracy={run.soloAccuracy ?? null}
          canGoBack={maySteer && (status === 'paused' || status === 'completed')}
        />
        <TimelineSection run={run} receivedAt={receivedAt} />
        <ParticipantsTable participants={run.participants} manifest={run.manifest} />
      </Stack>
    </div>
  );
}
