/** All members of a LightSecAgg session in one process, each at the stage that a test wants. */
import { type Masked, maskValues } from '../../src/lightsecagg/client/mask-values.ts';
import { type Offered, offerKey } from '../../src/lightsecagg/client/offer-key.ts';
import { type Opened, openShares } from '../../src/lightsecagg/client/open-shares.ts';
import { type Shared, shareOwnMask } from '../../src/lightsecagg/client/share-own-mask.ts';
import { sumShares } from '../../src/lightsecagg/client/sum-shares.ts';
import { type LightOffer, parseRoster, rosterBytes } from '../../src/lightsecagg/roster.ts';
import {
  addMaskedValues,
  deliverShares,
  readSealedShares,
  readShareSum,
  unmaskSum,
} from '../../src/lightsecagg/server/light-server.ts';
import { type LightSession, openSession } from '../../src/lightsecagg/session.ts';
import type { LightTask } from '../../src/lightsecagg/task.ts';
import { bitmapOf } from '../../src/secagg/bitmap.ts';
import type { SecAggCrypto } from '../../src/secagg/ports.ts';
import { compareBytes } from '../../src/secagg/roster.ts';
import { nativeCrypto, nativeIdentity } from '../native-crypto.ts';
import { seededBytes } from '../seeded-bytes.ts';
import { below } from './subsets.ts';

export const POLICY = { minimumCohort: 3, minimumSurvivors: 3 };

export function lightTask(changes: Partial<LightTask> = {}): LightTask {
  return {
    task: new Uint8Array(32).fill(1),
    roundNumber: 7,
    modelHash: new Uint8Array(32).fill(2),
    modelLog: new Uint8Array(32).fill(3),
    length: 5,
    bound: 100_000,
    minimumSurvivors: 3,
    corruptFraction: 0.25,
    dropoutFraction: 0.3,
    ...changes,
  };
}

export interface Device {
  readonly identity: Uint8Array;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
  readonly crypto: SecAggCrypto;
}

/** Sorted by identity, so that a device's place is its index. */
export function devices(n: number, seed: string): Device[] {
  return Array.from({ length: n }, (_, index) => {
    const random = seededBytes(`${seed}/${index}`);
    return { ...nativeIdentity(random(32)), crypto: nativeCrypto(random) };
  }).sort((a, b) => compareBytes(a.identity, b.identity));
}

export interface Offering {
  readonly device: Device;
  readonly state: Offered;
  readonly offer: LightOffer;
}

export async function offerings(task: LightTask, of: readonly Device[]): Promise<Offering[]> {
  return Promise.all(
    of.map(async (device) => {
      const { state, bytes } = await offerKey(task, device);
      const offer = { identity: device.identity, channelKey: bytes.slice(0, 32), signature: bytes.slice(32) };
      return { device, state, offer };
    }),
  );
}

export interface Sharing {
  readonly session: LightSession;
  readonly members: readonly {
    readonly device: Device;
    readonly state: Shared;
    readonly bytes: Uint8Array;
  }[];
}

export async function sharing(task: LightTask, n: number, seed: string): Promise<Sharing> {
  const offered = await offerings(task, devices(n, seed));
  const roster = rosterBytes(offered.map(({ offer }) => offer));
  const session = openSession(task, parseRoster(roster));
  const members = await Promise.all(
    offered.map(async ({ device, state }) => ({
      device,
      ...(await shareOwnMask(state, { roster, policy: POLICY }, device.crypto)),
    })),
  );
  return { session, members };
}

/** @param sharers whose shares arrived */
export async function opening(
  { session, members }: Sharing,
  sharers: readonly number[],
): Promise<ReadonlyMap<number, Opened>> {
  const sealed = sharers.map((dealer) => readSealedShares(session, dealer, members[dealer]!.bytes));
  const bitmap = bitmapOf(session.code.members, sharers);
  const opened = sharers.map(async (index) => {
    const { state, device } = members[index]!;
    const bytes = deliverShares(session, index, sealed);
    return [index, await openShares(state, { sharers: bitmap, bytes }, device.crypto)] as const;
  });
  return new Map(await Promise.all(opened));
}

export interface Masking {
  readonly session: LightSession;
  readonly inputs: readonly Int32Array[];
  readonly masked: ReadonlyMap<number, { readonly state: Masked; readonly bytes: Uint8Array }>;
}

export async function masking(
  parties: Sharing,
  { sharers, inputs }: { readonly sharers: readonly number[]; readonly inputs: readonly Int32Array[] },
): Promise<Masking> {
  const opened = await opening(parties, sharers);
  const masked = [...opened].map(([index, state]) => [index, maskValues(state, inputs[index]!)] as const);
  return { session: parties.session, inputs, masked: new Map(masked) };
}

export function randomInputs({ length, bound }: LightTask, n: number, seed: string): Int32Array[] {
  const random = seededBytes(`inputs ${seed}`);
  return Array.from({ length: n }, () =>
    Int32Array.from({ length }, () => below(2 * bound + 1, random) - bound),
  );
}

/** What the coordinator gets when exactly these inputs arrived, and exactly these members answered. */
export function unmasking(
  { session, masked }: Masking,
  { survivors, answering }: { readonly survivors: readonly number[]; readonly answering: readonly number[] },
): Int32Array {
  const bitmap = bitmapOf(session.code.members, survivors);
  const sum = new Int32Array(session.task.length);
  for (const survivor of survivors) addMaskedValues(session, sum, masked.get(survivor)!.bytes);
  const answers = answering.map((member) => {
    const bytes = sumShares(masked.get(member)!.state, { survivors: bitmap });
    return readShareSum(session, { member, survivors: bitmap, bytes });
  });
  return unmaskSum(session, sum, answers);
}

export function plainSum(inputs: readonly Int32Array[], of: readonly number[]): Int32Array {
  return inputs[0]!.map((_, at) => of.reduce((sum, index) => sum + inputs[index]![at]!, 0));
}
