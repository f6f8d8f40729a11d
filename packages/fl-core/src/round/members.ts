/** What happens to members of a round, whatever its phase. */
import { afterSeconds, type ClientId, type Instant } from '../identifiers.ts';
import type { DroppedMember, DropReason, RoundMember } from './round-state.ts';

export function memberOf<M extends RoundMember>(members: readonly M[], clientId: ClientId): M | undefined {
  return members.find((member) => member.clientId === clientId);
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

/** Drops one member. Whoever has reported stays in: the update is here, and its owner is free to go. */
export function drop<M extends RoundMember>(
  members: readonly M[],
  clientId: ClientId,
  reason: DropReason,
): (M | DroppedMember)[] {
  return members.map((member) =>
    member.clientId === clientId && member.stage !== 'reported' ? dropped(member, reason) : member,
  );
}

/** The member as dropped; one that was dropped before keeps its first reason. */
export function dropped(member: RoundMember, reason: DropReason): DroppedMember {
  if (member.stage === 'dropped') return member;
  return { clientId: member.clientId, stage: 'dropped', awaySince: member.awaySince, reason };
}

export function awayTooLong(at: Instant, rejoinSeconds: number): (member: RoundMember) => boolean {
  return (member) =>
    member.stage !== 'dropped' &&
    member.stage !== 'reported' &&
    member.awaySince !== null &&
    at >= afterSeconds(member.awaySince, rejoinSeconds);
}

function change<M extends RoundMember>(members: readonly M[], clientId: ClientId, to: (member: M) => M): M[] {
  return members.map((member) => (member.clientId === clientId ? to(member) : member));
}
