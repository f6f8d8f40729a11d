/** LightSecAgg behind the port that all secure sums share. Its field has one width, so several vectors are one. */
import { bitmapOf } from '../secagg/bitmap.ts';
import type { CohortPolicy } from '../secagg/client/share-secrets.ts';
import type { SecAggCrypto } from '../secagg/ports.ts';
import { compareBytes } from '../secagg/roster.ts';
import {
  type CoordinatorStage,
  coordinatorOf,
  type MemberIdentity,
  type SecretInput,
  type SecureSumMember,
  type SecureSumProtocol,
} from '../secure-sum-protocol.ts';
import { openLightSum } from './client/light-sum.ts';
import { type LightOffer, parseRoster, rosterBytes } from './roster.ts';
import {
  addMaskedValues,
  deliverShares,
  readOffer,
  readSealedShares,
  readShareSum,
  type SealedShares,
  type ShareSum,
  unmaskSum,
} from './server/light-server.ts';
import { type LightSession, openSession } from './session.ts';
import type { LightTask } from './task.ts';

export type LightMessage =
  | { readonly type: 'rosterClosed'; readonly roster: Uint8Array }
  | { readonly type: 'sharesDelivered'; readonly sharers: Uint8Array; readonly bytes: Uint8Array }
  | { readonly type: 'survivorsClosed'; readonly survivors: Uint8Array };

export interface LightOptions {
  /** The lengths of its vectors make `task.length`. */
  readonly lengths: readonly number[];
  readonly task: LightTask;
  readonly policy: CohortPolicy;
}

export function lightSecAggProtocol(options: LightOptions): SecureSumProtocol<LightMessage> {
  return {
    name: 'lightsecagg',
    stages: ['offer', 'share', 'mask', 'recover'],
    openMember: (identity, input) => openMember(options, identity, input),
    openCoordinator: (identities, crypto) => coordinatorOf(offering(options, identities, crypto)),
  };
}

function openMember(
  { task, policy }: LightOptions,
  identity: MemberIdentity,
  input: SecretInput,
): SecureSumMember<LightMessage> {
  const lightSum = openLightSum({ task, policy, ...identity });
  return {
    answer: async (_stage, heard) => {
      switch (heard?.type) {
        case undefined:
          return lightSum.offerKey();
        case 'rosterClosed':
          return lightSum.shareMask(heard);
        case 'sharesDelivered':
          await lightSum.openShares(heard);
          return lightSum.maskValues(joined(input(), task.length));
        case 'survivorsClosed':
          return lightSum.sumShares(heard);
      }
    },
  };
}

type Stage = CoordinatorStage<LightMessage>;

function offering(options: LightOptions, identities: readonly Uint8Array[], crypto: SecAggCrypto): Stage {
  const offers = new Map<number, LightOffer>();
  return {
    receive: async (member, bytes) => {
      offers.set(member, await readOffer({ identity: identities[member]!, bytes }, options.task, crypto));
    },
    close: async () => {
      const sorted = [...offers].sort(([, a], [, b]) => compareBytes(a.identity, b.identity));
      const roster = rosterBytes(sorted.map(([, offer]) => offer));
      const session = openSession(options.task, parseRoster(roster));
      const members = sorted.map(([member]) => member);
      return {
        told: new Map(members.map((member) => [member, () => ({ type: 'rosterClosed', roster })])),
        next: sharing({ ...options, session, members }),
      };
    },
  };
}

interface Cohort extends LightOptions {
  readonly session: LightSession;
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
      const all = [...sealed.values()].sort((a, b) => a.dealer - b.dealer);
      const sharers = bitmapOf(members.length, sealed.keys());
      const told = all.map(({ dealer: index }) => {
        // Not before it is asked for: the shares of everybody for everybody are too many to be held twice.
        const tell = () =>
          ({ type: 'sharesDelivered', sharers, bytes: deliverShares(session, index, all) }) as const;
        return [members[index]!, tell] as const;
      });
      return { told: new Map(told), next: masking(cohort) };
    },
  };
}

function masking(cohort: Cohort): Stage {
  const { session, members, task } = cohort;
  const sum = new Int32Array(task.length);
  const survivors: number[] = [];
  return {
    receive: (member, bytes) => {
      addMaskedValues(session, sum, bytes);
      survivors.push(members.indexOf(member));
    },
    close: async () => {
      const bitmap = bitmapOf(members.length, survivors);
      const message = { type: 'survivorsClosed', survivors: bitmap } as const;
      return {
        told: new Map(survivors.map((index) => [members[index]!, () => message])),
        next: recovering(cohort, { sum, survivors: bitmap }),
      };
    },
  };
}

function recovering(
  { session, members, lengths }: Cohort,
  { sum, survivors }: { readonly sum: Int32Array; readonly survivors: Uint8Array },
): Stage {
  const answers: ShareSum[] = [];
  return {
    receive: (member, bytes) => {
      answers.push(readShareSum(session, { member: members.indexOf(member), survivors, bytes }));
    },
    close: async () => ({
      told: new Map(),
      next: async () => split(unmaskSum(session, sum, answers), lengths),
    }),
  };
}

function joined(vectors: readonly Int32Array[], length: number): Int32Array {
  const whole = new Int32Array(length);
  let at = 0;
  for (const vector of vectors) {
    whole.set(vector, at);
    at += vector.length;
  }
  return whole;
}

function split(whole: Int32Array, lengths: readonly number[]): Int32Array[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return whole.subarray(at - length, at);
  });
}
