/** One run, live: the round in progress, curves, funnel, who is here, what came of each round. */
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { errorCodeOf, type RunDetail } from '@tributary/fl-core';
import { fetchRun } from '../api/admin.ts';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { Notice } from '../appearance/notice.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';
import { Curves } from './curves.tsx';
import { FunnelSection } from './funnel-section.tsx';
import { InviteSection } from './invite-section.tsx';
import { useLiveQuery } from './live-query.ts';
import { LiveRoundSection } from './live-round-section.tsx';
import { ParticipantsTable } from './participants-table.tsx';
import { Problem } from './problem.tsx';
import { RoundsTable } from './rounds-table.tsx';
import { RunControls } from './run-controls.tsx';
import { RunStatusBadge } from './run-status-badge.tsx';
import { RUNS_ADDRESS } from './view.ts';

export function RunPage({ runId }: { runId: string }) {
  const run = useLiveQuery(['run', runId], (signal) => fetchRun(runId, signal));
  const gone = run.error && ['run-unknown', 'not-found'].includes(errorCodeOf(run.error));
  return (
    <Stack gap="md">
      <Anchor href={RUNS_ADDRESS}>← {words.admin.allRuns}</Anchor>
      {gone && <Title order={1}>{words.admin.runGone}</Title>}
      {!run.data && run.error && !gone && <Problem error={run.error} retry={() => void run.refetch()} />}
      {!run.data && !run.error && <LoadingPage />}
      {run.data && !gone && (
        <>
          {run.error && <Notice tone="careful">{words.admin.offline}</Notice>}
          <RunView run={run.data} receivedAt={run.dataUpdatedAt} />
        </>
      )}
    </Stack>
  );
}

function RunView({ run, receivedAt }: { run: RunDetail; receivedAt: number }) {
  // The same array until a round is added or its measurement arrives (react-query keeps what did not change), so
  // that curves are drawn anew only then.
  const { summary, manifest, rounds } = run;
  return (
    <>
      <title>{`${summary.name} · ${words.product}`}</title>
      <Group justify="space-between" align="flex-start">
        <div>
          <Group gap="sm">
            <Title order={1}>{summary.name}</Title>
            <RunStatusBadge run={summary} />
          </Group>
          <Text className="quiet">
            {words.run.progress(summary.committedRounds, summary.targetRounds)} · {summary.runId}
          </Text>
          {manifest.description && <Text className="quiet">{manifest.description}</Text>}
        </div>
        <RunControls run={summary} />
      </Group>
      <div className="run-columns">
        <Stack gap="md">
          <LiveRoundSection run={run} receivedAt={receivedAt} />
          <FunnelSection run={run} />
          <InviteSection run={summary} />
        </Stack>
        <Stack gap="md">
          <Section title={words.admin.curves}>
            <Curves rounds={rounds} soloAccuracy={run.soloAccuracy ?? null} />
          </Section>
          <ParticipantsTable participants={run.participants} />
          <RoundsTable rounds={rounds} />
        </Stack>
      </div>
    </>
  );
}
