/** What happens to members of a round, whatever its phase. */
import { afterSeconds, type ClientId, type Instant } from '../identifiers.ts';
import type {
  CohortMember,
  DroppedMember,
  DropReason,
  InvitedMember,
  ReportedMember,
  RoundMember,
  SecureSurvivor,
} from './round-state.ts';

export function memberOf<M extends RoundMember>(members: readonly M[], clientId: ClientId): M | undefined {
  return members.find((member) => member.clientId === clientId);
}

/** Whether its update is in the sum, whatever became of its owner. */
export function isSurvivor(member: RoundMember): member is ReportedMember | SecureSurvivor {
  switch (member.stage) {
    case 'reported':
    case 'summed':
    case 'confirmed':
    case 'revealed':
    case 'silent':
      return true;
    default:
      return false;
  }
}

/** The member of that name becomes this. */
export function become<M extends RoundMember>(members: readonly M[], changed: M): M[] {
  return change(members, changed.clientId, () => changed);
}

export function markAway<M extends RoundMember>(
  members: readonly M[],
  event: { readonly clientId: ClientId; readonly at: Instant },
): M[] {
  return change(members, event.clientId, (member) => ({
    ...member,
    awaySince: member.awaySince ?? event.at,
  }));
}

export function markAllAway<M extends RoundMember>(members: readonly M[], at: Instant): M[] {
  return members.map((member) => ({ ...member, awaySince: at }));
}

export function markBack<M extends RoundMember>(members: readonly M[], clientId: ClientId): M[] {
  return change(members, clientId, (member) => ({ ...member, awaySince: null }));
}

/** Out of a round whose cohort is not closed yet. */
export function drop(
  invited: readonly InvitedMember[],
  clientId: ClientId,
  reason: DropReason,
): InvitedMember[] {
  return invited.map((member) => (member.clientId === clientId ? dropped(member, reason) : member));
}

/** Nobody waits for this member of the cohort any more. */
export function lose(
  cohort: readonly CohortMember[],
  clientId: ClientId,
  reason: DropReason,
): CohortMember[] {
  return cohort.map((member) => (member.clientId === clientId ? lost(member, reason) : member));
}

/**
 * The member as lost, for the first reason that there was. Whoever has reported stays in: the update is here, and its
 * owner is free to go; where its help to unmask the sum was still wanted, that is missing from now on.
 */
export function lost(member: CohortMember, reason: DropReason): CohortMember {
  switch (member.stage) {
    case 'reported':
    case 'revealed':
    case 'silent':
      return member;
    case 'summed':
      return { ...member, stage: 'silent', confirmation: null, reason };
    case 'confirmed':
      return { ...member, stage: 'silent', reason };
    case 'offered':
    case 'shared':
    case 'masked':
      return { ...dropped(member, reason), offer: member.offer };
    default:
      return dropped(member, reason);
  }
}

/** The member as dropped; one that was dropped before keeps its first reason. */
export function dropped(member: RoundMember, reason: DropReason): DroppedMember {
  if (member.stage === 'dropped') return member;
  return { clientId: member.clientId, stage: 'dropped', awaySince: member.awaySince, reason };
}

export function awayTooLong(at: Instant, rejoinSeconds: number): (member: RoundMember) => boolean {
  return (member) => member.awaySince !== null && at >= afterSeconds(member.awaySince, rejoinSeconds);
}

function change<M extends RoundMember>(members: readonly M[], clientId: ClientId, to: (member: M) => M): M[] {
  return members.map((member) => (member.clientId === clientId ? to(member) : member));
}
