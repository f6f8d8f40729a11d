/** The coordinator's part in secure sums, one round at a time: the functions of the deployed one. */
import {
  bitmapsOf,
  bytesToHex,
  type ClientId,
  type CohortMember,
  type CoordinatorMessage,
  hexToBytes,
  indexOf,
  offersOf,
  type RoundMessage,
  type RoundState,
  type RoundSum,
  type RunId,
  type SecureSumFacts,
  sumTask,
  TributaryError,
} from '@tributary/fl-core';
import {
  applyMasks,
  checkConfirmation,
  closeRoster,
  confirmationsFor,
  deliverShares,
  missingShares,
  openServerSession,
  parseOffer,
  type RevealedShare,
  readOffer,
  readRevealed,
  readSealedShares,
  recoverMasks,
  type SealedShares,
  type ServerSession,
} from '@tributary/privacy';
import type { World } from '../world.ts';
import { seededCrypto } from './seeded-crypto.ts';

type StageMessage = Extract<
  RoundMessage,
  { type: 'rosterClosed' | 'sharesDelivered' | 'survivorsClosed' | 'unmaskRequested' }
>;
type SecureRound = RoundState & {
  readonly cohort: readonly CohortMember[];
  readonly secureSum: SecureSumFacts;
};

export interface SimulatedSums {
  /** @returns the checked offer as hex digits @throws SecAggError */
  readOffer(round: RoundState, identity: Uint8Array, bytes: Uint8Array): Promise<string>;
  /** @returns the beacon, drawn after the roster closed @throws SecAggError when it is none */
  drawBeacon(round: RoundState): string;
  complete(round: RoundState, to: ClientId, message: StageMessage): CoordinatorMessage;
  /** @throws SecAggError */
  takeSealed(round: RoundState, from: ClientId, bytes: Uint8Array): void;
  isConfirmation(round: RoundState, from: ClientId, signature: Uint8Array): Promise<boolean>;
  /** @returns whether every secret can be rebuilt now @throws SecAggError */
  takeRevealed(round: RoundState, from: ClientId, bytes: Uint8Array): boolean;
  /** Takes the masks off a sum of survivors. @throws SecAggError */
  unmask(round: RoundState, sum: RoundSum): Promise<void>;
  /** The round is over. */
  forget(): void;
}

export function simulateSums(world: World, runId: RunId): SimulatedSums {
  const crypto = seededCrypto(world.crypto, `${world.manifest.seed}/coordinator`);
  const sealed = new Map<number, SealedShares>();
  const revealed = new Map<number, readonly RevealedShare[]>();
  let opened: { readonly beacon: string; readonly session: ServerSession } | null = null;

  const taskOf = (round: RoundState) => sumTask(world.manifest, { runId, ...round });
  const openSession = (round: RoundState, cohort: readonly CohortMember[], beacon: string): ServerSession => {
    const task = taskOf(round);
    return openServerSession(task, closeRoster(offersOf(cohort).map(parseOffer), task), hexToBytes(beacon));
  };

  function sessionOf(round: SecureRound): ServerSession {
    const { beacon } = round.secureSum;
    if (opened?.beacon !== beacon) opened = { beacon, session: openSession(round, round.cohort, beacon) };
    return opened.session;
  }

  const sealedBy = (dealer: number): SealedShares => sealed.get(dealer)!;
  const sharesIn = () => [...revealed.values()].flat();

  return {
    async readOffer(round, identity, bytes) {
      return bytesToHex((await readOffer({ identity, bytes }, taskOf(round), crypto)).bytes);
    },
    drawBeacon(round) {
      const beacon = bytesToHex(crypto.randomBytes(32));
      if (!('cohort' in round)) throw new TributaryError('internal', 'no cohort is closed');
      opened = { beacon, session: openSession(round, round.cohort, beacon) };
      return beacon;
    },
    complete(anyRound, to, message) {
      const round = secure(anyRound);
      const session = sessionOf(round);
      const index = indexOf(round.cohort, to);
      const { sharers, survivors } = bitmapsOf(round.cohort, round.secureSum);
      switch (message.type) {
        case 'rosterClosed':
          return { ...message, beacon: hexToBytes(round.secureSum.beacon), bytes: session.roster.bytes };
        case 'sharesDelivered':
          return { ...message, sharers, bytes: deliverShares(session, index, sharers, sealedBy) };
        case 'survivorsClosed':
          return { ...message, sharers, survivors };
        case 'unmaskRequested':
          return { ...message, bytes: confirmationsFor(session, index, signaturesOf(round)) };
      }
    },
    takeSealed(anyRound, from, bytes) {
      const round = secure(anyRound);
      const index = indexOf(round.cohort, from);
      const shares = readSealedShares(sessionOf(round), index, bytes);
      if (!sealed.has(index)) sealed.set(index, shares);
    },
    async isConfirmation(anyRound, from, signature) {
      const round = secure(anyRound);
      const index = indexOf(round.cohort, from);
      const told = bitmapsOf(round.cohort, round.secureSum);
      return checkConfirmation(sessionOf(round), { index, ...told, signature }, crypto);
    },
    takeRevealed(anyRound, from, bytes) {
      const round = secure(anyRound);
      const index = indexOf(round.cohort, from);
      const told = bitmapsOf(round.cohort, round.secureSum);
      const session = sessionOf(round);
      revealed.set(index, readRevealed(session, { index, ...told, bytes }, sealedBy));
      return missingShares(session, told, sharesIn()).length === 0;
    },
    async unmask(anyRound, sum) {
      const round = secure(anyRound);
      const told = bitmapsOf(round.cohort, round.secureSum);
      const masks = await recoverMasks(sessionOf(round), told, sharesIn(), crypto);
      for (const [vector, lanes] of sum.vectors.entries()) {
        await applyMasks(lanes, masks[vector]!, { from: 0, to: lanes.length }, crypto);
      }
    },
    forget() {
      sealed.clear();
      revealed.clear();
      opened = null;
    },
  };
}

function secure(round: RoundState): SecureRound {
  if ('secureSum' in round && round.secureSum) return { ...round, secureSum: round.secureSum };
  throw new TributaryError('internal', 'no secure sum is open');
}

function signaturesOf({ cohort }: SecureRound): Map<number, Uint8Array> {
  return new Map(
    cohort.flatMap((member, index) =>
      'confirmation' in member && member.confirmation !== null
        ? [[index, hexToBytes(member.confirmation)] as const]
        : [],
    ),
  );
}
