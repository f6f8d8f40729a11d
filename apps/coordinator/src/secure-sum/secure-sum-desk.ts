/**
 * The desk of a run's secure sums (SA-1, after Bonawitz et al. 2017 and Bell et al. 2020): here it is checked what members
 * offer, seal, sign and reveal, and put together what they are told. When that is, the rules of the round say.
 *
 * All of it is a function of the round's state and of the sealed shares, which are durable before they count: so a round
 * goes on after a restart. Only revealed shares are nowhere but in memory; after a restart they are asked for again.
 */
import { randomBytes } from 'node:crypto';
import {
  bytesToHex,
  type ClientId,
  type CoordinatorMessage,
  hexToBytes,
  type PublicKey,
  type RoundMessage,
  type RoundState,
  type RunId,
  sumTask,
  type TaskManifest,
  TributaryError,
} from '@tributary/fl-core';
import {
  checkConfirmation,
  confirmationsFor,
  deliverShares,
  membersOf,
  missingShares,
  openServerSession,
  type RevealedShare,
  readOffer,
  readRevealed,
  readSealedShares,
  type SealedShares,
  SecAggError,
  type ServerSession,
  type SumTask,
} from '@tributary/privacy';
import type { UntimedEvent } from '../run/run-supervisor.ts';
import type { SealedShareStore } from '../storage/sealed-share-store.ts';
import { openNodeCrypto } from './node-crypto.ts';
import {
  type ClosedRound,
  isSecureRound,
  placeOf,
  remainingOf,
  rosterOf,
  type SecureRound,
} from './secure-round.ts';
import type { Unmasking } from './unmasking.ts';

/** What a member said in one stage. */
export interface StageMessage {
  readonly clientId: ClientId;
  readonly roundNumber: number;
  readonly bytes: Uint8Array;
}

/** Each method that takes a message gives the event that tells the round of it; null when it was taken before. */
export interface SecureSumDesk {
  /** @throws SecAggError when it is not signed for this round's task and model, or has a key of low order */
  offerKeys(message: StageMessage & { readonly publicKey: PublicKey }): Promise<UntimedEvent>;
  /** Resolves when they are durable. @throws SecAggError, TributaryError `phase-mismatch`, `not-a-member` */
  sealShares(message: StageMessage): Promise<UntimedEvent>;
  /** @throws SecAggError `secagg-survivors-unconfirmed` when it signs something else; TributaryError as above */
  confirmSurvivors(message: StageMessage): Promise<UntimedEvent | null>;
  /** @throws SecAggError `secagg-share-invalid` when its sender lies; TributaryError as above */
  revealShares(message: StageMessage): Promise<UntimedEvent | null>;

  /** The cohort is durable: draws the beacon. */
  closeRoster(round: ClosedRound): UntimedEvent;
  /**
   * Adds the bytes that only the desk has. The same message always gets the same ones; none when its round has ended
   * meanwhile, which another message says.
   */
  complete(message: DeskMessage, to: ClientId): CoordinatorMessage | null;
  /** What it takes to get the masks out of the sum. Secret. */
  unmasking(): Unmasking;
  /** Of this round, which may be over; for records. */
  session(round: SecureRound): ServerSession;
  /** Before anything else after a start: reads what is durable. */
  load(): Promise<void>;
  /** The round in progress changed; what belongs to an earlier one is deleted. */
  tidy(): Promise<void>;
}

export interface DeskParts {
  readonly runId: RunId;
  readonly manifest: TaskManifest;
  readonly sealedShares: SealedShareStore;
  /** As it stands now. */
  readonly round: () => RoundState | null;
}

const crypto = openNodeCrypto();
const BEACON_BYTES = 32;

export function openSecureSumDesk({ runId, manifest, sealedShares, round }: DeskParts): SecureSumDesk {
  /** Everything but what the round itself holds, of one round. */
  let desk = emptyDesk(0);

  const taskOf = (of: RoundState): SumTask => sumTask(manifest, { runId, ...of });
  const deskOf = ({ roundNumber }: RoundState): RoundDesk => {
    if (desk.roundNumber !== roundNumber) desk = emptyDesk(roundNumber);
    return desk;
  };
  const openSession = (of: SecureRound): ServerSession => {
    const task = taskOf(of);
    return openServerSession(task, rosterOf(of, task), hexToBytes(of.secureSum.beacon));
  };
  const sessionOf = (of: SecureRound): ServerSession => {
    deskOf(of).session ??= openSession(of);
    return deskOf(of).session!;
  };
  const sealedBy =
    (of: SecureRound) =>
    (dealer: number): SealedShares => {
      const bytes = deskOf(of).sealed.get(of.cohort[dealer]!.clientId);
      if (!bytes) throw new Error(`the sealed shares of member ${dealer} are not here`);
      return { dealer, bytes };
    };
  /** The round that a message is about, in the phase that takes it. */
  const roundIn = (phase: RoundState['phase'], { roundNumber }: StageMessage): SecureRound => {
    const now = round();
    if (isSecureRound(now) && now.roundNumber === roundNumber && now.phase === phase) return now;
    throw new TributaryError('phase-mismatch', `round ${roundNumber} does not take this now`);
  };

  return {
    async offerKeys({ clientId, roundNumber, publicKey, bytes }) {
      const now = round();
      if (now?.roundNumber !== roundNumber) {
        throw new TributaryError('round-mismatch', `round ${roundNumber} is not open`);
      }
      const offer = await readOffer({ identity: hexToBytes(publicKey), bytes }, taskOf(now), crypto);
      return { type: 'keysOffered', clientId, roundNumber, offer: bytesToHex(offer.bytes) };
    },

    async sealShares(message) {
      const { clientId, roundNumber, bytes } = message;
      const before = desk.roundNumber === roundNumber ? desk.sealed.get(clientId) : undefined;
      // After a restart the round may not know yet what is kept here.
      if (before && Buffer.from(before).equals(bytes)) return { type: 'sharesSealed', clientId, roundNumber };
      const now = roundIn('sharing', message);
      readSealedShares(sessionOf(now), placeOf(now, clientId), bytes);
      if (before || !(await sealedShares.keep({ runId, roundNumber, clientId }, bytes))) {
        throw new SecAggError('secagg-equivocation', 'other shares of this member are here');
      }
      // The round may have ended while they were written: the desk of the next one is none of theirs.
      if (desk.roundNumber === roundNumber) desk.sealed.set(clientId, bytes);
      return { type: 'sharesSealed', clientId, roundNumber };
    },

    async confirmSurvivors(message) {
      const { clientId, roundNumber, bytes: signature } = message;
      if (isConfirmed(round(), message)) return null;
      const now = roundIn('confirming', message);
      const answer = { index: placeOf(now, clientId), ...remainingOf(now), signature };
      if (!(await checkConfirmation(sessionOf(now), answer, crypto))) {
        throw new SecAggError('secagg-survivors-unconfirmed', 'the signature is under something else');
      }
      return { type: 'survivorsConfirmed', clientId, roundNumber, confirmation: bytesToHex(signature) };
    },

    async revealShares(message) {
      const { clientId, roundNumber, bytes } = message;
      if (desk.roundNumber === roundNumber && desk.revealed.has(clientId)) return null;
      // Others' shares were enough, and nobody did anything wrong.
      if (round()?.phase === 'aggregating') return null;
      const now = roundIn('unmasking', message);
      const index = placeOf(now, clientId);
      const session = sessionOf(now);
      const remaining = remainingOf(now);
      const shares = readRevealed(session, { index, ...remaining, bytes }, sealedBy(now));
      const { revealed, heard } = deskOf(now);
      revealed.set(clientId, shares);
      for (const { dealer } of shares) heard.set(dealer, (heard.get(dealer) ?? 0) + 1);
      // Going through all shares for each who reveals some would be the square of the work.
      const { shareThreshold } = session.graph;
      const mayBeEnough = membersOf(remaining.survivors, session.n).every(
        (dealer) => (heard.get(dealer) ?? 0) >= shareThreshold,
      );
      const isEnough =
        mayBeEnough && missingShares(session, remaining, [...revealed.values()].flat()).length === 0;
      return { type: 'sharesRevealed', clientId, roundNumber, isEnough };
    },

    closeRoster(closed) {
      const { roundNumber } = closed;
      const beacon = bytesToHex(randomBytes(BEACON_BYTES));
      try {
        const task = taskOf(closed);
        const session = openServerSession(task, rosterOf(closed, task), hexToBytes(beacon));
        desk = { ...emptyDesk(roundNumber), session };
        return { type: 'rosterPersisted', roundNumber, beacon };
      } catch (error) {
        if (!(error instanceof SecAggError)) throw error;
        return { type: 'rosterRefused', roundNumber };
      }
    },

    complete(message, to) {
      const now = round();
      if (!isSecureRound(now) || now.roundNumber !== message.roundNumber) return null;
      const session = sessionOf(now);
      switch (message.type) {
        case 'rosterClosed':
          return { ...message, beacon: hexToBytes(now.secureSum.beacon), bytes: session.roster.bytes };
        case 'sharesDelivered': {
          const { sharers } = remainingOf(now);
          return {
            ...message,
            sharers,
            bytes: deliverShares(session, placeOf(now, to), sharers, sealedBy(now)),
          };
        }
        case 'survivorsClosed':
          return { ...message, ...remainingOf(now) };
        case 'unmaskRequested':
          return { ...message, bytes: confirmationsFor(session, placeOf(now, to), signaturesOf(now)) };
      }
    },

    unmasking() {
      const now = round();
      if (!isSecureRound(now)) throw new Error('there is no secure sum to unmask');
      const { task, roster } = sessionOf(now);
      return {
        task,
        roster: roster.bytes,
        beacon: hexToBytes(now.secureSum.beacon),
        ...remainingOf(now),
        revealed: [...deskOf(now).revealed.values()].flat(),
      };
    },

    session: (of) => (desk.roundNumber === of.roundNumber && desk.session) || openSession(of),

    async load() {
      const now = round();
      if (!isSecureRound(now)) return;
      const kept = await sealedShares.ofRound(runId, now.roundNumber);
      for (const [clientId, bytes] of kept) deskOf(now).sealed.set(clientId, bytes);
    },

    async tidy() {
      const now = round();
      const current = isSecureRound(now) ? now.roundNumber : null;
      if (desk.roundNumber !== current) desk = emptyDesk(current ?? 0);
      await sealedShares.deleteAllBut(runId, current);
    },
  };
}

/** It answers again what it was asked again. */
function isConfirmed(round: RoundState | null, { clientId, roundNumber, bytes }: StageMessage): boolean {
  if (!isSecureRound(round) || round.roundNumber !== roundNumber) return false;
  const member = round.cohort.find((other) => other.clientId === clientId);
  return member !== undefined && 'confirmation' in member && member.confirmation === bytesToHex(bytes);
}

interface RoundDesk {
  readonly roundNumber: number;
  session: ServerSession | null;
  /** As on disk. */
  readonly sealed: Map<ClientId, Uint8Array>;
  /** Secret, and in memory only. */
  readonly revealed: Map<ClientId, readonly RevealedShare[]>;
  /** How many shares of each dealer are among them. */
  readonly heard: Map<number, number>;
}

function emptyDesk(roundNumber: number): RoundDesk {
  return { roundNumber, session: null, sealed: new Map(), revealed: new Map(), heard: new Map() };
}

/** By index, of all who signed: also of those who went away since. */
function signaturesOf({ cohort }: SecureRound): ReadonlyMap<number, Uint8Array> {
  return new Map(
    cohort.flatMap((member, index) =>
      'confirmation' in member && member.confirmation !== null
        ? [[index, hexToBytes(member.confirmation)] as const]
        : [],
    ),
  );
}

type DeskMessageType = 'rosterClosed' | 'sharesDelivered' | 'survivorsClosed' | 'unmaskRequested';
export type DeskMessage = Extract<RoundMessage, { type: DeskMessageType }>;

export function isDeskMessage(message: RoundMessage): message is DeskMessage {
  return ['rosterClosed', 'sharesDelivered', 'survivorsClosed', 'unmaskRequested'].includes(message.type);
}
