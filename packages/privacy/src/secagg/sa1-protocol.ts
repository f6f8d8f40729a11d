/** SA-1 behind the port that all secure sums share: its messages from one party to another, in one process. */
import { concatBytes } from '@noble/hashes/utils.js';
import {
  type CoordinatorStage,
  coordinatorOf,
  type MemberIdentity,
  type SecretInput,
  type SecureSumMember,
  type SecureSumProtocol,
} from '../secure-sum-protocol.ts';
import { bitmapOf } from './bitmap.ts';
import { openSecureSum } from './client/secure-sum.ts';
import type { CohortPolicy } from './client/share-secrets.ts';
import { applyMasks } from './masks.ts';
import type { LaneSum, SecAggCrypto } from './ports.ts';
import { closeRoster, type KeyOffer } from './roster.ts';
import { readOffer } from './server/read-offer.ts';
import { recoverMasks } from './server/recover-masks.ts';
import { checkConfirmation, confirmationsFor } from './server/relay-confirmations.ts';
import { deliverShares, readSealedShares, type SealedShares } from './server/relay-shares.ts';
import { type RevealedShare, readRevealed } from './server/revealed-shares.ts';
import { openServerSession, type ServerSession } from './server/server-session.ts';
import type { SumTask } from './sum-task.ts';

/** Of `compression`, which this package does not know. */
export interface RingSum extends LaneSum {
  addValues(values: Int32Array): void;
  addPacked(bytes: Uint8Array): void;
  packed(): Uint8Array;
  signedValues(): Int32Array;
}

export type Sa1Message =
  | { readonly type: 'rosterClosed'; readonly roster: Uint8Array; readonly beacon: Uint8Array }
  | { readonly type: 'sharesDelivered'; readonly sharers: Uint8Array; readonly bytes: Uint8Array }
  | { readonly type: 'survivorsClosed'; readonly sharers: Uint8Array; readonly survivors: Uint8Array }
  | { readonly type: 'unmaskRequested'; readonly confirmations: Uint8Array };

export interface Sa1Options {
  readonly task: SumTask;
  readonly policy: CohortPolicy;
  readonly openRing: (length: number, bits: number) => RingSum;
}

export function sa1Protocol(options: Sa1Options): SecureSumProtocol<Sa1Message> {
  return {
    name: 'sa-1',
    stages: ['offer', 'share', 'mask', 'confirm', 'reveal'],
    openMember: (identity, input) => openMember(options, identity, input),
    openCoordinator: (identities, crypto) => coordinatorOf(offering(options, identities, crypto)),
  };
}

function openMember(
  { task, policy, openRing }: Sa1Options,
  identity: MemberIdentity,
  input: SecretInput,
): SecureSumMember<Sa1Message> {
  const secureSum = openSecureSum({ task, policy, ...identity });
  return {
    answer: async (_stage, heard) => {
      switch (heard?.type) {
        case undefined:
          return secureSum.offerKeys();
        case 'rosterClosed':
          return secureSum.shareSecrets(heard);
        case 'sharesDelivered': {
          await secureSum.openShares(heard);
          const vectors = task.vectors.map(({ length, bits }) => openRing(length, bits));
          for (const [vector, values] of input().entries()) vectors[vector]!.addValues(values);
          await secureSum.maskVectors(vectors);
          return concatBytes(...vectors.map((ring) => ring.packed()));
        }
        case 'survivorsClosed':
          return secureSum.confirmSurvivors(heard);
        case 'unmaskRequested':
          return secureSum.revealShares(heard);
      }
    },
  };
}

type Stage = CoordinatorStage<Sa1Message>;

function offering(options: Sa1Options, identities: readonly Uint8Array[], crypto: SecAggCrypto): Stage {
  const { task } = options;
  const offers = new Map<KeyOffer, number>();
  return {
    receive: async (member, bytes) => {
      offers.set(await readOffer({ identity: identities[member]!, bytes }, task, crypto), member);
    },
    close: async () => {
      const roster = closeRoster([...offers.keys()], task);
      const beacon = crypto.randomBytes(32);
      const session = openServerSession(task, roster, beacon);
      const byIdentity = new Map([...offers].map(([{ identity }, member]) => [identity.join(), member]));
      const members = roster.offers.map(({ identity }) => byIdentity.get(identity.join())!);
      const message: Sa1Message = { type: 'rosterClosed', roster: roster.bytes, beacon };
      return {
        told: new Map(members.map((member) => [member, () => message])),
        next: sharing({ ...options, session, crypto, members }),
      };
    },
  };
}

interface Cohort extends Sa1Options {
  readonly session: ServerSession;
  readonly crypto: SecAggCrypto;
  /** By index in the roster. */
  readonly members: readonly number[];
}

function sharing(cohort: Cohort): Stage {
  const { session, members } = cohort;
  const sealed = new Map<number, SealedShares>();
  return {
    receive: (member, bytes) => {
      const dealer = members.indexOf(member);
      sealed.set(dealer, readSealedShares(session, dealer, bytes));
    },
    close: async () => {
      const sharers = bitmapOf(session.n, sealed.keys());
      const sealedBy = (dealer: number) => sealed.get(dealer)!;
      const told = [...sealed.keys()].map((index) => {
        const tell = () =>
          ({
            type: 'sharesDelivered',
            sharers,
            bytes: deliverShares(session, index, sharers, sealedBy),
          }) as const;
        return [members[index]!, tell] as const;
      });
      return { told: new Map(told), next: masking(cohort, { sharers, sealedBy }) };
    },
  };
}

interface Dealt {
  readonly sharers: Uint8Array;
  readonly sealedBy: (dealer: number) => SealedShares;
}

function masking(cohort: Cohort, dealt: Dealt): Stage {
  const { task, openRing, session, members } = cohort;
  const sums = task.vectors.map(({ length, bits }) => openRing(length, bits));
  const survivors: number[] = [];
  return {
    receive: (member, bytes) => {
      let at = 0;
      for (const [vector, { length, bits }] of task.vectors.entries()) {
        const end = at + Math.ceil((length * bits) / 8);
        sums[vector]!.addPacked(bytes.subarray(at, end));
        at = end;
      }
      survivors.push(members.indexOf(member));
    },
    close: async () => {
      const bitmap = bitmapOf(session.n, survivors);
      const message = { type: 'survivorsClosed', sharers: dealt.sharers, survivors: bitmap } as const;
      return {
        told: new Map(survivors.map((index) => [members[index]!, () => message])),
        next: confirming(cohort, { ...dealt, survivors: bitmap, sums }),
      };
    },
  };
}

interface Summed extends Dealt {
  readonly survivors: Uint8Array;
  readonly sums: readonly RingSum[];
}

function confirming(cohort: Cohort, summed: Summed): Stage {
  const { session, crypto, members } = cohort;
  const { sharers, survivors } = summed;
  const signatures = new Map<number, Uint8Array>();
  return {
    receive: async (member, signature) => {
      const index = members.indexOf(member);
      if (await checkConfirmation(session, { index, sharers, survivors, signature }, crypto)) {
        signatures.set(index, signature);
      }
    },
    close: async () => {
      const told = [...signatures.keys()].map((index) => {
        const tell = () =>
          ({ type: 'unmaskRequested', confirmations: confirmationsFor(session, index, signatures) }) as const;
        return [members[index]!, tell] as const;
      });
      return { told: new Map(told), next: revealing(cohort, summed) };
    },
  };
}

function revealing({ session, crypto, members }: Cohort, summed: Summed): Stage {
  const { sharers, survivors, sealedBy, sums } = summed;
  const revealed: RevealedShare[] = [];
  return {
    receive: (member, bytes) => {
      const answer = { index: members.indexOf(member), sharers, survivors, bytes };
      revealed.push(...readRevealed(session, answer, sealedBy));
    },
    close: async () => ({
      told: new Map(),
      next: async () => {
        const masks = await recoverMasks(session, { sharers, survivors }, revealed, crypto);
        for (const [vector, sum] of sums.entries()) {
          await applyMasks(sum, masks[vector]!, { from: 0, to: sum.length }, crypto);
        }
        return sums.map((sum) => sum.signedValues());
      },
    }),
  };
}
