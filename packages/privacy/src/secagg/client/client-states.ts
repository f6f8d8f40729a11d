/**
 * What a tab knows after each stage: the least that the later stages need. Values are never changed; secrets that the next
 * state no longer has are overwritten by `secure-sum.ts`.
 */
import type { ShareChannel } from '../derivations.ts';
import type { Mask } from '../masks.ts';
import type { KeyOffer } from '../roster.ts';
import type { SecureSession } from '../session.ts';
import type { SumTask } from '../sum-task.ts';

/** Keys are offered; the roster is not known. */
export interface Offered {
  readonly stage: 'offered';
  readonly task: SumTask;
  readonly offer: KeyOffer;
  /** Secret, 32 bytes each. */
  readonly maskSecret: Uint8Array;
  readonly channelSecret: Uint8Array;
  readonly seed: Uint8Array;
}

/** The roster is known and shares are sealed; private keys and seed are gone, what was derived of them remains. */
export interface Shared extends Membership {
  readonly stage: 'shared';
  /** Ascending by index. */
  readonly neighbours: readonly MetNeighbour[];
  /** Secret: the masks that this device adds for itself, one for each vector. */
  readonly selfMasks: readonly Mask[];
}

export interface MetNeighbour {
  readonly index: number;
  /** Secret: one for each vector. */
  readonly masks: readonly Mask[];
  /** Secret: from the neighbour to this device. */
  readonly incoming: ShareChannel;
}

/** The shares of all sharing neighbours are here and fit: this device can mask. */
export interface Opened extends Membership {
  readonly stage: 'opened';
  readonly sharers: Uint8Array;
  /** Secret: for each vector its own mask and one for each sharing neighbour. */
  readonly masks: readonly (readonly Mask[])[];
  readonly held: readonly HeldShares[];
}

/** Secret: what a dealer entrusted to this device. */
export interface HeldShares {
  readonly dealer: number;
  /** Of the dealer's mask key; revealed when the dealer dropped out. */
  readonly key: Uint8Array;
  /** Of the dealer's seed; revealed when the dealer survived. */
  readonly seed: Uint8Array;
}

/** The vectors are masked and the masks are gone. */
export interface Masked extends Membership {
  readonly stage: 'masked';
  readonly sharers: Uint8Array;
  readonly held: readonly HeldShares[];
}

/** Survivors are signed. Of each dealer's two shares one is gone: nothing can make this device reveal both. */
export interface Confirmed extends Membership {
  readonly stage: 'confirmed';
  readonly sharers: Uint8Array;
  readonly survivors: Uint8Array;
  /** Secret, in the order of the sharing neighbours. */
  readonly shares: readonly Uint8Array[];
}

/** This device did all that it could; nothing secret is left. */
export interface Revealed extends Membership {
  readonly stage: 'revealed';
  readonly survivors: Uint8Array;
}

/** Public. */
export interface Membership {
  readonly session: SecureSession;
  /** In the roster. */
  readonly index: number;
  /** Indices, ascending. */
  readonly neighbourhood: readonly number[];
  /** The larger of plan and policy. */
  readonly minimumSurvivors: number;
}

export type ClientState = Offered | Shared | Opened | Masked | Confirmed | Revealed;

/** Every buffer of a state that is to be overwritten once no state needs it. */
export function secretsOf(state: ClientState): readonly Uint8Array[] {
  switch (state.stage) {
    case 'offered':
      return [state.maskSecret, state.channelSecret, state.seed];
    case 'shared':
      return [
        ...keysOf(state.selfMasks),
        ...state.neighbours.flatMap(({ masks, incoming }) => [...keysOf(masks), incoming.key]),
      ];
    case 'opened':
      return [...state.masks.flatMap(keysOf), ...sharesOf(state.held)];
    case 'masked':
      return sharesOf(state.held);
    case 'confirmed':
      return state.shares;
    case 'revealed':
      return [];
  }
}

const keysOf = (masks: readonly Mask[]) => masks.map(({ key }) => key);
const sharesOf = (held: readonly HeldShares[]) => held.flatMap(({ key, seed }) => [key, seed]);
