/** One run: its state and steering above, and below one of its views. */
import { Anchor, Group, Stack, Text } from '@mantine/core';
import { errorCodeOf, type RunDetail } from '@tributary/fl-core';
import { fetchRun } from '../api/admin.ts';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import { InvitesView } from './invites/invites-view.tsx';
import { useLiveQuery } from './live-query.ts';
import { mergedRun } from './merged-run.ts';
import { ModelView } from './model/model-view.tsx';
import { OverviewView } from './overview/overview-view.tsx';
import { Problem } from './problem.tsx';
import { RoundsView } from './rounds/rounds-view.tsx';
import { RunControls } from './run-controls.tsx';
import { RunStatusBadge } from './run-status-badge.tsx';
import { SteeringLogView } from './steering-log-view.tsx';
import { RUN_VIEWS, type RunView, runAddress } from './view.ts';
import { ViewTitle } from './view-title.tsx';

interface RunPageProps {
  readonly runId: string;
  readonly show: RunView;
  readonly round: number | null;
}

export function RunPage({ runId, show, round }: RunPageProps) {
  const run = useLiveQuery<RunDetail>(['run', runId], async (signal, known) =>
    mergedRun(known, await fetchRun(runId, known?.revision ?? null, signal)),
  );
  const gone = run.error && ['run-unknown', 'not-found'].includes(errorCodeOf(run.error));
  if (gone) return <ViewTitle name={words.admin.runGone} />;
  if (!run.data) {
    return run.error ? <Problem error={run.error} retry={() => void run.refetch()} /> : <LoadingPage />;
  }
  return (
    <Stack gap="md">
      {run.error && <Notice tone="careful">{words.admin.offline}</Notice>}
      <RunHead run={run.data} />
      <RunNavigation runId={runId} show={show} />
      <Shown run={run.data} receivedAt={run.dataUpdatedAt} show={show} round={round} />
    </Stack>
  );
}

function RunHead({ run: { summary, manifest } }: { run: RunDetail }) {
  return (
    <Stack gap="sm">
      <div>
        <Group gap="sm" mb={4}>
          <ViewTitle name={summary.name} />
          <RunStatusBadge run={summary} />
        </Group>
        <Text className="quiet">
          {words.run.progress(summary.committedRounds, summary.targetRounds)} · {summary.runId}
        </Text>
        {manifest.description && <Text className="quiet">{manifest.description}</Text>}
      </div>
      <RunControls run={summary} />
    </Stack>
  );
}

function RunNavigation({ runId, show }: { runId: string; show: RunView }) {
  return (
    <nav className="run-navigation" aria-label={words.admin.runViewsLabel}>
      {RUN_VIEWS.map((view) => (
        <Anchor
          key={view}
          href={runAddress(runId, view)}
          underline="never"
          {...(view === show && { 'aria-current': 'page' })}
        >
          {words.admin.runViews[view]}
        </Anchor>
      ))}
    </nav>
  );
}

interface ShownProps {
  readonly run: RunDetail;
  readonly receivedAt: number;
  readonly show: RunView;
  readonly round: number | null;
}

function Shown({ run, receivedAt, show, round }: ShownProps) {
  switch (show) {
    case 'overview':
      return <OverviewView run={run} receivedAt={receivedAt} />;
    case 'rounds':
      return (
        <div className="whole-view">
          <RoundsView key={round} run={run} chosen={round} />
        </div>
      );
    case 'model':
      return <ModelView run={run} />;
    case 'invites':
      return <InvitesView run={run.summary} />;
    case 'log':
      return (
        <div className="whole-view">
          <SteeringLogView runId={run.summary.runId} />
        </div>
      );
  }
}
