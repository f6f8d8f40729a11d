/**
 * A whole secure sum in memory: n members with the functions of the tab, and a coordinator with those of the server. Members
 * can leave before any stage, and both sides can be made to lie by changing their messages. Member i has index i.
 */
import { createLaneSum, type RingVector } from '@tributary/compression';
import {
  applyMasks,
  bitmapOf,
  type CohortPolicy,
  checkConfirmation,
  closeRoster,
  confirmationsFor,
  deliverShares,
  type KeyOffer,
  missingShares,
  openSecureSum,
  openServerSession,
  type RevealedShare,
  type Roster,
  readOffer,
  readRevealed,
  readSealedShares,
  recoverMasks,
  type SealedShares,
  type SecAggCrypto,
  SecAggError,
  type SecureSum,
  type ServerSession,
  type Sign,
  type SumTask,
} from '@tributary/privacy';
import type { Masked, Offered, Opened, Shared } from '../src/secagg/client/client-states.ts';
import { confirmSurvivors } from '../src/secagg/client/confirm-survivors.ts';
import { maskVectors } from '../src/secagg/client/mask-vectors.ts';
import { offerKeys } from '../src/secagg/client/offer-keys.ts';
import { openShares } from '../src/secagg/client/open-shares.ts';
import { revealShares } from '../src/secagg/client/reveal-shares.ts';
import { shareSecrets } from '../src/secagg/client/share-secrets.ts';
import { nativeCrypto, nativeIdentity } from './native-crypto.ts';
import { seededBytes } from './seeded-bytes.ts';

/** What a member does last: the next stage does not hear of it any more. */
export const STAGES = ['sharing', 'masking', 'confirming', 'revealing'] as const;
export type Stage = (typeof STAGES)[number];

export interface SceneOptions {
  readonly n: number;
  /** Everything random comes from it. */
  readonly seed?: string;
  readonly task?: Partial<SumTask>;
  /** What a member is told of the task, and signs, in place of the task of the others. */
  readonly taskOf?: (member: number) => Partial<SumTask>;
  readonly policy?: CohortPolicy;
  readonly beacon?: Uint8Array;
  /** By member; the coordinator is null. */
  readonly crypto?: (member: number | null) => SecAggCrypto;
  readonly messages?: Messages;
  /** Members whose code is another; only with `gatherForMany`. */
  readonly changed?: {
    readonly offered?: (state: Offered, member: number) => Offered;
    readonly opened?: (state: Opened, member: number) => Opened;
  };
}

export interface FinishOptions {
  /** Who leaves before a stage. */
  readonly gone?: Partial<Record<Stage, readonly number[]>>;
  /** Signed integers; by default random ones. */
  readonly input?: (member: number, vector: number) => Int32Array;
  readonly messages?: Messages;
}

/** Each may change a message on its way, or throw it away (null). */
export interface Messages {
  readonly keysOffered?: (bytes: Uint8Array, member: number) => Uint8Array;
  readonly rosterClosed?: (message: RosterClosed, member: number) => RosterClosed;
  readonly sharesSealed?: (bytes: Uint8Array, member: number) => Uint8Array | null;
  readonly sharesDelivered?: (message: SharesDelivered, member: number) => SharesDelivered;
  readonly masked?: (vectors: readonly Uint8Array[], member: number) => readonly Uint8Array[] | null;
  readonly survivorsClosed?: (message: SurvivorsClosed, member: number) => SurvivorsClosed;
  readonly survivorsConfirmed?: (signature: Uint8Array, member: number) => Uint8Array | null;
  readonly unmaskRequested?: (message: UnmaskRequested, member: number) => UnmaskRequested;
  readonly sharesRevealed?: (bytes: Uint8Array, member: number) => Uint8Array | null;
}
type RosterClosed = Parameters<SecureSum['shareSecrets']>[0];
type SharesDelivered = Parameters<SecureSum['openShares']>[0];
type SurvivorsClosed = Parameters<SecureSum['confirmSurvivors']>[0];
type UnmaskRequested = Parameters<SecureSum['revealShares']>[0];

/** Keys are offered and shares sealed by everybody. */
export interface Gathering {
  readonly options: SceneOptions;
  readonly task: SumTask;
  readonly offers: readonly KeyOffer[];
  readonly session: ServerSession;
  readonly beacon: Uint8Array;
  /** By dealer; whoever refused the roster dealt nothing. */
  readonly sealed: ReadonlyMap<number, SealedShares>;
  readonly members: () => readonly Member[];
  readonly refusals: ReadonlyMap<number, SecAggError>;
  readonly crypto: SecAggCrypto;
}

export interface RealGathering extends Gathering {
  readonly sums: readonly SecureSum[];
  readonly people: Cast['people'];
}

export type Member = Pick<SecureSum, 'openShares' | 'maskVectors' | 'confirmSurvivors' | 'revealShares'>;

/** All that the coordinator received, stored and computed. */
export interface ServerView {
  readonly roster: Uint8Array;
  readonly beacon: Uint8Array;
  readonly sealed: ReadonlyMap<number, SealedShares>;
  readonly sharers: Uint8Array;
  /** Packed, one for each vector. */
  readonly masked: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly survivors: Uint8Array;
  readonly signatures: ReadonlyMap<number, Uint8Array>;
  readonly revealed: readonly RevealedShare[];
}

export type Outcome = {
  /** The coordinator's. */
  readonly crypto: SecAggCrypto;
  readonly session: ServerSession;
  readonly view: ServerView;
  /** Why members went no further, and what the coordinator blames members for. */
  readonly refusals: ReadonlyMap<number, SecAggError>;
  readonly blamed: ReadonlyMap<number, SecAggError>;
} & (
  | {
      readonly kind: 'summed';
      /** Signed, within the ring; one for each vector. */
      readonly sums: readonly Int32Array[];
      /** The same sum, of the survivors' inputs. */
      readonly plainSums: readonly Int32Array[];
    }
  | { readonly kind: 'abandoned'; readonly error: SecAggError }
);

export const DEFAULT_VECTORS = [
  { bits: 20, length: 37 },
  { bits: 32, length: 5 },
] as const;

/** The whole of it. */
export async function playScene(options: SceneOptions & FinishOptions): Promise<Outcome> {
  return finish(await gather(options), options);
}

/** As in a tab, before anything happened. */
export function openMembers(options: SceneOptions): Cast & { readonly members: readonly SecureSum[] } {
  const cast = castOf(options);
  const members = cast.people.map(({ identity, sign }, member) =>
    openSecureSum({
      task: cast.taskOf(member),
      identity,
      sign,
      crypto: cast.cryptoOf(member),
      policy: cast.policy,
    }),
  );
  return { ...cast, members };
}

/** With `openSecureSum`, as in a tab: every member can finish once. */
export async function gather(options: SceneOptions): Promise<RealGathering> {
  const { members, ...cast } = openMembers(options);
  const gathering = await gatherMembers(cast, {
    offer: (member) => members[member]!.offerKeys(),
    share: (member, message) => members[member]!.shareSecrets(message),
    members: () => members,
  });
  return { ...gathering, sums: members, people: cast.people };
}

/**
 * With the stage functions alone, whose states do not change: the gathering can be finished again and again, each time
 * with other members leaving. The secrets of all those sessions are the same, as they never are outside of tests.
 */
export async function gatherForMany(options: SceneOptions): Promise<Gathering> {
  const cast = castOf(options);
  const offered = await Promise.all(
    cast.people.map(({ identity, sign }, member) =>
      offerKeys({ task: cast.taskOf(member), identity, sign, crypto: cast.cryptoOf(member) }),
    ),
  );
  const { offered: changeOffered = same, opened: changeOpened = same } = options.changed ?? {};
  const shared = new Map<number, Shared>();
  const opening = cast.people.map(openingOnce);
  return gatherMembers(cast, {
    offer: async (member) => offered[member]!.bytes,
    share: async (member, message) => {
      const { state, bytes } = await shareSecrets(
        changeOffered(offered[member]!.state, member),
        { ...message, policy: cast.policy },
        cast.cryptoOf(member),
      );
      shared.set(member, state);
      return bytes;
    },
    members: () =>
      cast.people.map(({ sign }, member) =>
        memberAt(shared.get(member), {
          sign,
          crypto: cast.cryptoOf(member),
          open: opening[member]!,
          change: (state) => changeOpened(state, member),
        }),
      ),
  });
}

interface MemberCode {
  readonly sign: Sign;
  readonly crypto: SecAggCrypto;
  readonly open: typeof openShares;
  readonly change: (state: Opened) => Opened;
}

/** The same shares open to the same state, and many sums differ only in what comes after. */
function openingOnce(): typeof openShares {
  const known = new Map<string, Promise<Opened>>();
  return (shared, message, crypto) => {
    const delivery = Buffer.concat([message.sharers, message.bytes]).toString('latin1');
    const opened = known.get(delivery) ?? openShares(shared, message, crypto);
    known.set(delivery, opened);
    return opened;
  };
}

function memberAt(shared: Shared | undefined, { sign, crypto, open, change }: MemberCode): Member {
  let opened: Opened;
  let masked: Masked;
  let confirmed: Parameters<typeof revealShares>[0];
  return {
    openShares: async (message) => {
      opened = change(await open(shared!, message, crypto));
    },
    maskVectors: async (vectors) => {
      masked = await maskVectors(opened, vectors, crypto);
    },
    confirmSurvivors: async (message) => {
      const { state, signature } = await confirmSurvivors(masked, message, sign);
      confirmed = state;
      return signature;
    },
    revealShares: async (message) => (await revealShares(confirmed, message, crypto)).bytes,
  };
}

export interface Cast {
  readonly options: SceneOptions;
  readonly task: SumTask;
  readonly taskOf: (member: number) => SumTask;
  readonly policy: CohortPolicy;
  readonly people: readonly { readonly identity: Uint8Array; readonly sign: Sign }[];
  readonly cryptoOf: (member: number | null) => SecAggCrypto;
  readonly beacon: Uint8Array;
}

function castOf(options: SceneOptions): Cast {
  const { n, seed = 'scene' } = options;
  const task: SumTask = {
    task: seededBytes('task')(32),
    roundNumber: 7,
    modelHash: seededBytes('model')(32),
    modelLog: seededBytes('model log')(32),
    vectors: DEFAULT_VECTORS,
    maximumCohort: 1000,
    minimumSurvivors: 3,
    corruptFraction: 0.1,
    dropoutFraction: 0.1,
    adversary: 'semi-malicious',
    graph: 'auto',
    ...options.task,
  };
  const people = Array.from({ length: n }, (_, i) =>
    nativeIdentity(seededBytes(`${seed}/identity ${i}`)(32)),
  );
  people.sort((a, b) => Buffer.compare(a.identity, b.identity));
  const cryptos = new Map<number | null, SecAggCrypto>();
  return {
    options,
    task,
    taskOf: (member) => ({ ...task, ...options.taskOf?.(member) }),
    policy: options.policy ?? { minimumCohort: 3, minimumSurvivors: 3 },
    people,
    cryptoOf: (member) => {
      const open =
        options.crypto ?? ((name) => nativeCrypto(seededBytes(`${seed}/${name ?? 'coordinator'}`)));
      const crypto = cryptos.get(member) ?? open(member);
      cryptos.set(member, crypto);
      return crypto;
    },
    beacon: options.beacon ?? seededBytes(`${seed}/beacon`)(32),
  };
}

interface Gatherers {
  readonly offer: (member: number) => Promise<Uint8Array>;
  readonly share: (member: number, message: RosterClosed) => Promise<Uint8Array>;
  readonly members: () => readonly Member[];
}

async function gatherMembers(cast: Cast, { offer, share, members }: Gatherers): Promise<Gathering> {
  const { options, task, people, beacon } = cast;
  const { keysOffered = same, rosterClosed = same, sharesSealed = same } = options.messages ?? {};
  const crypto = cast.cryptoOf(null);
  const offers: KeyOffer[] = [];
  for (const [member, { identity }] of people.entries()) {
    const bytes = keysOffered(await offer(member), member);
    offers.push(await readOffer({ identity, bytes }, cast.taskOf(member), crypto));
  }
  const roster: Roster = closeRoster(offers, task);
  const session = openServerSession(task, roster, beacon);
  const sealed = new Map<number, SealedShares>();
  const refusals = new Map<number, SecAggError>();
  await eachMember(range(options.n), refusals, async (member) => {
    const bytes = await share(member, rosterClosed({ roster: roster.bytes, beacon }, member));
    const sent = sharesSealed(bytes, member);
    if (sent) sealed.set(member, readSealedShares(session, member, sent));
  });
  return { options, task, offers, session, beacon, sealed, members, refusals, crypto };
}

export async function finish(gathering: Gathering, options: FinishOptions = {}): Promise<Outcome> {
  const { session, task, crypto } = gathering;
  const { n } = session;
  const { gone = {}, input = randomInput(task) } = options;
  const messages = { ...gathering.options.messages, ...options.messages };
  const { sharesDelivered = same, masked: sendMasked = same, survivorsClosed = same } = messages;
  const { survivorsConfirmed = same, unmaskRequested = same, sharesRevealed = same } = messages;
  const members = gathering.members();
  const refusals = new Map(gathering.refusals);
  const blamed = new Map<number, SecAggError>();
  const without = (present: readonly number[], stage: Stage) =>
    present.filter((member) => !gone[stage]?.includes(member) && !refusals.has(member));

  const sharing = without([...gathering.sealed.keys()].toSorted(ascending), 'sharing');
  const sharers = bitmapOf(n, sharing);
  const sealedBy = (dealer: number) => gathering.sealed.get(dealer)!;

  const masked = new Map<number, readonly Uint8Array[]>();
  if (sharing.length >= task.minimumSurvivors) {
    await eachMember(without(sharing, 'masking'), refusals, async (member) => {
      const bytes = deliverShares(session, member, sharers, sealedBy);
      await members[member]!.openShares(sharesDelivered({ sharers, bytes }, member));
      const vectors = task.vectors.map(({ bits, length }, vector) =>
        vectorOf(bits, length, input(member, vector)),
      );
      await members[member]!.maskVectors(vectors);
      const sent = sendMasked(
        vectors.map((vector) => vector.packed()),
        member,
      );
      if (sent) masked.set(member, sent);
    });
  }

  const surviving = [...masked.keys()].toSorted(ascending);
  const survivors = bitmapOf(n, surviving);
  const signatures = new Map<number, Uint8Array>();
  if (surviving.length >= task.minimumSurvivors) {
    await eachMember(without(surviving, 'confirming'), refusals, async (index) => {
      const answer = await members[index]!.confirmSurvivors(survivorsClosed({ sharers, survivors }, index));
      const signature = survivorsConfirmed(answer, index);
      if (signature && (await checkConfirmation(session, { index, sharers, survivors, signature }, crypto))) {
        signatures.set(index, signature);
      }
    });
  }

  const revealed: RevealedShare[] = [];
  await eachMember(
    without([...signatures.keys()].toSorted(ascending), 'revealing'),
    refusals,
    async (index) => {
      const confirmations = confirmationsFor(session, index, signatures);
      const answer = await members[index]!.revealShares(unmaskRequested({ confirmations }, index));
      const bytes = sharesRevealed(answer, index);
      if (!bytes) return;
      await blaming(blamed, index, async () => {
        revealed.push(...readRevealed(session, { index, sharers, survivors, bytes }, sealedBy));
      });
    },
  );

  const { roster } = session;
  const view = {
    roster: roster.bytes,
    beacon: gathering.beacon,
    sealed: gathering.sealed,
    sharers,
    masked,
    survivors,
    signatures,
    revealed,
  };
  const common = { crypto, session, view, refusals, blamed };
  const remaining = { sharers, survivors };
  try {
    if (surviving.length < task.minimumSurvivors) {
      throw new SecAggError('secagg-cohort-too-small', `${surviving.length} survivors`);
    }
    const isPoor = missingShares(session, remaining, revealed).length > 0;
    const masks = await recoverMasks(session, remaining, revealed, crypto);
    if (isPoor) throw new Error('secrets were rebuilt although shares are missing');
    const sums: Int32Array[] = [];
    const plainSums: Int32Array[] = [];
    for (const [vector, { bits, length }] of task.vectors.entries()) {
      const sum = createLaneSum(length, bits);
      const plain = createLaneSum(length, bits);
      for (const member of surviving) {
        sum.addPacked(masked.get(member)![vector]!);
        plain.addValues(input(member, vector));
      }
      // Two slices, as of two workers.
      const middle = Math.floor(length / 3);
      await applyMasks(sum, masks[vector]!, { from: 0, to: middle }, crypto);
      await applyMasks(sum, masks[vector]!, { from: middle, to: length }, crypto);
      sums.push(sum.signedValues());
      plainSums.push(plain.signedValues());
    }
    return { ...common, kind: 'summed', sums, plainSums };
  } catch (error) {
    if (error instanceof SecAggError) return { ...common, kind: 'abandoned', error };
    throw error;
  }
}

const latin1 = ({ buffer, byteOffset, length }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

/** Remembers agreed secrets, opened shares and checked signatures, which repeat when a gathering is finished often. */
export function rememberingCrypto(crypto: SecAggCrypto): SecAggCrypto {
  const remember = <Args extends readonly Uint8Array[], Answer>(
    compute: (...args: Args) => Promise<Answer>,
  ) => {
    const known = new Map<string, Promise<Answer>>();
    return async (...args: Args): Promise<Answer> => {
      const key = args.map(latin1).join('/');
      const answer = known.get(key) ?? compute(...args);
      known.set(key, answer);
      const value = await answer;
      // The caller may overwrite it.
      return value instanceof Uint8Array ? (value.slice() as Answer & Uint8Array) : value;
    };
  };
  const open = remember((key, nonce, context, bytes) =>
    crypto.open(key!, { nonce: nonce!, context: context!, bytes: bytes! }),
  );
  return {
    ...crypto,
    x25519: remember(crypto.x25519),
    x25519PublicKey: remember(crypto.x25519PublicKey),
    open: (key, { nonce, context, bytes }) => open(key, nonce, context, bytes),
    verify: remember(crypto.verify),
  };
}

/** The same for each member and vector, whoever else takes part. */
function randomInput(task: SumTask): (member: number, vector: number) => Int32Array {
  return (member, vector) => {
    const { bits, length } = task.vectors[vector]!;
    const words = new Int32Array(seededBytes(`input ${member}/${vector}`)(length * 4).buffer);
    return words.map((word) => word >> (32 - Math.max(2, bits - 10)));
  };
}

function vectorOf(bits: number, length: number, values: Int32Array): RingVector {
  const vector = createLaneSum(length, bits);
  vector.addValues(values);
  return vector;
}

async function eachMember(
  members: readonly number[],
  refusals: Map<number, SecAggError>,
  act: (member: number) => Promise<void>,
): Promise<void> {
  await Promise.all(members.map((member) => blaming(refusals, member, () => act(member))));
}

async function blaming(
  errors: Map<number, SecAggError>,
  member: number,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof SecAggError)) throw error;
    errors.set(member, error);
  }
}

const same = <T>(value: T): T => value;
const ascending = (a: number, b: number) => a - b;
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
