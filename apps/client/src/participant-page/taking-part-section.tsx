/** The buttons of taking part, each with what it does, and what is happening in between. */
import { Button, Text, VisuallyHidden } from '@mantine/core';
import type { RunSummary, TaskManifest } from '@tributary/fl-core';
import type { ParticipantFault } from '@tributary/participant';
import { type ReactNode, useId, useSyncExternalStore } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { ProgressBar } from '../appearance/progress-bar.tsx';
import { Section } from '../appearance/section.tsx';
import { useNow } from '../appearance/use-now.ts';
import { count } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { activityWords, timeLeft } from './activity-words.ts';
import { BackendInUse } from './backend-in-use.tsx';
import { deviceAbilities } from './device.ts';
import { OtherTabNotice } from './other-tab-notice.tsx';
import type { Session, SessionSnapshot } from './session.ts';
import { onSmallestGroup, smallestGroup } from './smallest-group.ts';
import { useSince } from './use-since.ts';
import { WorkLimitChoice } from './work-limit-choice.tsx';

interface TakingPartProps {
  readonly snapshot: SessionSnapshot;
  readonly session: Session;
  readonly consented: boolean;
  readonly trainingCount: number;
  readonly manifest: TaskManifest;
  readonly runStatus: RunSummary['status'];
}

export function TakingPartSection(props: TakingPartProps) {
  const { snapshot, session } = props;
  const { view, takingPart, progress, other } = snapshot;
  const { activity, contributions } = view.participation;
  const now = useNow(takingPart);
  const situation = { ...snapshot, trainingCount: props.trainingCount, now };
  const { sentence, announcement, fraction } = activityWords(situation);
  const startedAt = useSince(`${activity.phase}/${snapshot.takingPart}`);
  const text = words.taking;
  // What is missing depends on it.
  useSyncExternalStore(onSmallestGroup, smallestGroup);

  return (
    <Section title={text.title} id="taking-part">
      <div
        data-testid="participant-status"
        data-phase={activity.phase}
        data-taking-part={takingPart}
        data-busy={snapshot.busy ?? ''}
      >
        <Text className="status-line">{snapshot.busy ? text.busy[snapshot.busy] : sentence}</Text>
        <VisuallyHidden role="status">{announcement}</VisuallyHidden>
        <ProgressBar fraction={snapshot.busy ? 'unknown' : fraction} label={announcement} />
        <Text size="sm" className="quiet time-line" data-testid="time-left">
          {takingPart && timeLeft(situation, startedAt)}
        </Text>
      </div>

      {other && !takingPart ? (
        <OtherTabNotice other={other} session={session} missing={whatIsMissing(props)} />
      ) : (
        <Controls {...props} />
      )}
      <WorkLimitChoice />

      {snapshot.resumed && takingPart && <Notice tone="good">{text.resumed}</Notice>}
      {snapshot.fault && (
        <Notice tone="careful" title={text.faults} data-testid="fault" data-code={snapshot.fault.code}>
          {faultWords(snapshot.fault)} {takingPart && text.goesOn}
        </Notice>
      )}

      <dl className="big-figures">
        <div>
          <dt>{words.round}</dt>
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

/** The words of secure sums are there in runs that have them. */
function faultWords({ code, message }: ParticipantFault): string {
  const refusals: Readonly<Record<string, string>> = words.secureSum?.refusals ?? {};
  return words.errors[code] ?? refusals[code] ?? `${message}.`;
}

function Controls(props: TakingPartProps) {
  const { snapshot, session } = props;
  const { takingPart, paused, busy } = snapshot;
  const text = words.taking;
  const missing = whatIsMissing(props);
  const missingId = useId();
  const isPausing = busy === 'pausing';
  if (!takingPart) {
    const hasBegun = snapshot.view.participation.activity.phase !== 'idle';
    return (
      <ul className="controls">
        <Control what={missing ?? (paused ? text.resumeDoes : text.startDoes)} id={missingId}>
          <Button
            data-testid="start"
            onClick={() => void session.start()}
            disabled={missing !== null}
            loading={busy === 'starting'}
            aria-describedby={missingId}
          >
            {paused ? text.resume : hasBegun ? text.startAgain : text.start}
          </Button>
        </Control>
        {paused && (
          <Control what={text.stopDoes}>
            <Button data-testid="stop" variant="default" onClick={() => void session.stop()}>
              {text.stop}
            </Button>
          </Control>
        )}
      </ul>
    );
  }
  return (
    <ul className="controls">
      {isPausing ? (
        <Control what={text.goOnDoes}>
          <Button data-testid="go-on" variant="default" onClick={() => void session.start()}>
            {text.goOn}
          </Button>
        </Control>
      ) : (
        <Control what={text.pauseAfterRoundDoes}>
          <Button
            data-testid="pause-after-round"
            variant="default"
            onClick={() => void session.pause('after-round')}
          >
            {text.pauseAfterRound}
          </Button>
        </Control>
      )}
      <Control what={text.pauseNowDoes}>
        <Button data-testid="pause-now" variant="default" onClick={() => void session.pause('now')}>
          {text.pauseNow}
        </Button>
      </Control>
      <Control what={text.stopDoes}>
        <Button data-testid="stop" variant="default" onClick={() => void session.stop()}>
          {text.stop}
        </Button>
      </Control>
    </ul>
  );
}

function Control({ what, id, children }: { what: string; id?: string; children: ReactNode }) {
  return (
    <li>
      {children}
      <Text size="sm" className="quiet" id={id}>
        {what}
      </Text>
    </li>
  );
}

function whatIsMissing({ consented, trainingCount, manifest, runStatus }: TakingPartProps): string | null {
  const { eligibility, rounds, secureAggregation } = manifest;
  if (runStatus === 'completed') return words.taking.runCompleted;
  if (runStatus === 'stopped') return words.taking.runStopped;
  if (!deviceAbilities().workers) return words.device.noWorkersTitle;
  if (!consented) return words.taking.needsConsent;
  const needed = Math.max(1, eligibility.minimumExamples) - trainingCount;
  if (needed > 0) return words.taking.needsExamples(needed);
  const isTooSmall = secureAggregation.mode !== 'off' && rounds.reportGoal < smallestGroup();
  return isTooSmall ? words.secureSum.smallestGroup.runTooSmall(rounds.reportGoal, smallestGroup()) : null;
}
