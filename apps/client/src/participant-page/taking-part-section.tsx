/** Start and Stop, and what is happening in between. */
import { Button, Progress, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { RunSummary } from '@tributary/fl-core';
import { useId } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { Section } from '../appearance/section.tsx';
import { useNow } from '../appearance/use-now.ts';
import { count } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { activityWords } from './activity-words.ts';
import { BackendInUse } from './backend-in-use.tsx';
import { deviceAbilities } from './device.ts';
import type { Session, SessionSnapshot } from './session.ts';

interface TakingPartProps {
  readonly snapshot: SessionSnapshot;
  readonly session: Session;
  readonly consented: boolean;
  readonly trainingCount: number;
  readonly minimumExamples: number;
  readonly runStatus: RunSummary['status'];
}

export function TakingPartSection(props: TakingPartProps) {
  const { snapshot, session } = props;
  const { view, takingPart, progress } = snapshot;
  const { activity, contributions } = view.participation;
  const now = useNow(activity.phase === 'waiting');
  const { sentence, announcement, fraction } = activityWords({
    ...snapshot,
    trainingCount: props.trainingCount,
    now,
  });
  const missing = whatIsMissing(props);
  const missingId = useId();
  const text = words.taking;

  return (
    <Section title={text.title}>
      <div data-testid="participant-status" data-phase={activity.phase} data-taking-part={takingPart}>
        <Text className="status-line">{sentence}</Text>
        <VisuallyHidden role="status">{announcement}</VisuallyHidden>
        <ProgressBar fraction={fraction} label={announcement} />
      </div>

      {takingPart ? (
        <Button data-testid="stop" variant="default" onClick={() => void session.stop()}>
          {text.stop}
        </Button>
      ) : (
        <Stack gap={4}>
          <Button
            data-testid="start"
            onClick={() => void session.start()}
            disabled={missing !== null}
            aria-describedby={missing ? missingId : undefined}
          >
            {activity.phase === 'idle' ? text.start : text.startAgain}
          </Button>
          {missing && (
            <Text size="sm" className="quiet" id={missingId}>
              {missing}
            </Text>
          )}
        </Stack>
      )}

      {snapshot.resumed && takingPart && <Notice tone="good">{text.resumed}</Notice>}
      {snapshot.otherTab && <Notice tone="careful">{text.otherTab}</Notice>}
      {snapshot.fault && (
        <Notice tone="careful" title={text.faults}>
          {words.errors[snapshot.fault.code] ?? `${snapshot.fault.message}.`} {takingPart && text.goesOn}
        </Notice>
      )}

      <dl className="big-figures">
        <div>
          <dt>{text.round}</dt>
          <dd data-testid="round-number" data-round={snapshot.roundNumber ?? ''}>
            {snapshot.roundNumber === null ? '–' : count(snapshot.roundNumber)}
          </dd>
        </div>
        <div>
          <dt>{text.contributions}</dt>
          <dd data-testid="contributions">{count(contributions)}</dd>
        </div>
      </dl>
      <BackendInUse
        backend={view.backend}
        speed={progress?.stage === 'training' ? progress.training.examplesPerSecond : null}
      />
      {takingPart && (
        <Text size="sm" className="quiet">
          {text.leaveOpen}
        </Text>
      )}
    </Section>
  );
}

function whatIsMissing({
  consented,
  trainingCount,
  minimumExamples,
  runStatus,
}: TakingPartProps): string | null {
  if (runStatus === 'completed') return words.taking.runCompleted;
  if (runStatus === 'stopped') return words.taking.runStopped;
  if (!deviceAbilities().workers) return words.device.noWorkersTitle;
  if (!consented) return words.taking.needsConsent;
  const needed = Math.max(1, minimumExamples) - trainingCount;
  return needed > 0 ? words.taking.needsExamples(needed) : null;
}

function ProgressBar({ fraction, label }: { fraction: number | 'unknown' | null; label: string }) {
  // The bar keeps its place when there is nothing to show, so that the page does not jump.
  if (fraction === null) return <Progress value={0} aria-hidden mt={6} />;
  if (fraction === 'unknown') {
    // Without a value: a full bar that claims 100 % would be a lie to whoever hears it.
    return (
      <Progress.Root role="progressbar" aria-label={label} mt={6}>
        <Progress.Section value={100} animated withAria={false} />
      </Progress.Root>
    );
  }
  return <Progress value={100 * fraction} aria-label={label} mt={6} />;
}
