/**
 * Reporting: the cohort uploads what it announced; with secure aggregation it first hears who shared, masks, and announces
 * then. The round closes as soon as nobody is left to wait for, or at the deadline, and is given up as soon as too few
 * survivors can remain.
 */
import { afterSeconds, type ClientId, type Instant } from '../identifiers.ts';
import { openConfirming } from './confirming.ts';
import { persist, refuse, secondsUntil, send, unchanged, withEffectsBefore } from './effects.ts';
import { become, isSurvivor } from './members.ts';
import { openAggregating } from './opening-the-sum.ts';
import type { RoundEffect, RoundEvent, RoundStep } from './round-events.ts';
import type {
  CohortClosedRound,
  CohortMember,
  MaskedMember,
  ReadyMember,
  ReportedMember,
  ReportingRound,
  SecureSurvivor,
  SharingRound,
  SummedMember,
} from './round-state.ts';
import { enough } from './secure-round.ts';
import { beginWaiting, speaker, stepWaiting, type Wait } from './waiting.ts';

const REPORTING: Wait<ReportingRound> = {
  duration: (state) => state.plan.reportingSeconds,
  isAwaited: ({ stage }) => stage === 'ready' || stage === 'shared' || stage === 'masked',
  ask(state, member, at) {
    switch (member.stage) {
      case 'shared':
        return send(member.clientId, {
          type: 'sharesDelivered',
          roundNumber: state.roundNumber,
          deadlineSeconds: secondsUntil(state.closesAt, at),
        });
      case 'ready':
      case 'masked':
      // Also those who have reported: whoever lost the acknowledgement may ask for it with the same upload.
      case 'reported':
      case 'summed':
        return grantUpload(state, member, at);
      default:
        return null;
    }
  },
  settle(state, at, effects = []) {
    const survivors = state.cohort.filter(isSurvivor);
    const awaited = state.cohort.filter(REPORTING.isAwaited).length;
    return enough(state, survivors.length + awaited, { at, effects }, () => {
      if (awaited > 0) return { state, effects };
      const step = state.secureSum
        ? openConfirming(state, { ...state.secureSum, survivors: survivors.map(clientIdOf) }, at)
        : openAggregating(state);
      return withEffectsBefore(effects, step);
    });
  },
};

export function openReporting(
  state: Omit<CohortClosedRound, 'phase'> & { readonly secureSum: SharingRound['secureSum'] | null },
  at: Instant,
): RoundStep {
  const closesAt = afterSeconds(at, state.plan.reportingSeconds);
  return beginWaiting(REPORTING, { ...state, phase: 'reporting', closesAt }, at);
}

export function stepReporting(state: ReportingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'updateMasked':
      return noteMasked(state, event);
    case 'updateReceived':
      return acceptUpdate(state, event);
    case 'timeAdvanced':
      return stepWaiting(REPORTING, event.at >= state.closesAt ? withMissed(state) : state, event);
    default:
      return stepWaiting(REPORTING, state, event);
  }
}

function grantUpload(
  state: ReportingRound,
  member: ReadyMember | ReportedMember | MaskedMember | SecureSurvivor,
  at: Instant,
): RoundEffect {
  return send(member.clientId, {
    type: 'uploadGranted',
    roundNumber: state.roundNumber,
    cohortSize: state.cohort.length,
    deadlineSeconds: secondsUntil(state.closesAt, at),
    announcement: member.announcement,
  });
}

function noteMasked(state: ReportingRound, event: Extract<RoundEvent, { type: 'updateMasked' }>): RoundStep {
  const heard = speaker(state, event);
  if ('refusal' in heard) return heard.refusal;
  const { member } = heard;
  const { clientId, announcement } = event;
  if (member.stage === 'shared') {
    const masked: MaskedMember = { ...member, stage: 'masked', announcement };
    return {
      state: { ...state, cohort: become(state.cohort, masked) },
      effects: [grantUpload(state, masked, event.at)],
    };
  }
  const isTheSame = 'announcement' in member && member.announcement.updateHash === announcement.updateHash;
  // Two masked updates under the same masks would tell their difference.
  if (!isTheSame)
    return refuse(state, clientId, 'secagg-equivocation', 'another masked update was announced');
  return member.stage === 'masked'
    ? { state, effects: [grantUpload(state, member, event.at)] }
    : unchanged(state);
}

function acceptUpdate(
  state: ReportingRound,
  event: Extract<RoundEvent, { type: 'updateReceived' }>,
): RoundStep {
  const heard = speaker(state, event);
  if ('refusal' in heard) return heard.refusal;
  const { member } = heard;
  const { clientId, updateHash } = event;
  if (!('announcement' in member)) {
    return refuse(state, clientId, 'phase-mismatch', 'the update was not announced');
  }
  if (member.announcement.updateHash !== updateHash) {
    return isSurvivor(member)
      ? refuse(state, clientId, 'report-duplicate', 'another update of this participant was accepted before')
      : refuse(state, clientId, 'update-hash-mismatch', 'the update is not the one that was announced');
  }
  // The same upload again is answered as the first one was: the acknowledgement may have been lost.
  if (isSurvivor(member)) return unchanged(state);
  const cohort = become(state.cohort, withUpdate(member));
  const timed = withUploadSeconds(state, [secondsSinceOpened(state, event.at)]);
  return REPORTING.settle({ ...timed, cohort }, event.at, [persist]);
}

function withUploadSeconds(state: ReportingRound, seconds: readonly number[]): ReportingRound {
  if (state.encoding?.fraction === undefined || seconds.length === 0) return state;
  return { ...state, uploadSeconds: [...(state.uploadSeconds ?? []), ...seconds] };
}

function withMissed(state: ReportingRound): ReportingRound {
  const missing = state.cohort.filter(REPORTING.isAwaited);
  return withUploadSeconds(
    state,
    missing.map(() => state.plan.reportingSeconds),
  );
}

function secondsSinceOpened({ timeline, openedAt }: ReportingRound, at: Instant): number {
  const opened = timeline.findLast(({ phase }) => phase === 'reporting')?.at ?? openedAt;
  return Math.max(0, at - opened) / 1000;
}

function withUpdate(member: ReadyMember | MaskedMember): ReportedMember | SummedMember {
  return member.stage === 'ready' ? { ...member, stage: 'reported' } : { ...member, stage: 'summed' };
}

const clientIdOf = ({ clientId }: CohortMember): ClientId => clientId;
