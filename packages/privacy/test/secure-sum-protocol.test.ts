/** What every secure sum behind the port must do; each brings more tests of its own. */
import { createLaneSum } from '@tributary/compression';
import {
  type LightMessage,
  lightSecAggProtocol,
  runSecureSum,
  type Sa1Message,
  type SecureSumProtocol,
  sa1Protocol,
} from '@tributary/privacy/protocols';
import { describe, expect, it } from 'vitest';
import { nativeCrypto, nativeIdentity } from './native-crypto.ts';
import { seededBytes } from './seeded-bytes.ts';

const LENGTHS = [37, 5] as const;
const ALL = Array.from({ length: 12 }, (_, member) => member);
const OCCASION = {
  task: new Uint8Array(32).fill(1),
  roundNumber: 7,
  modelHash: new Uint8Array(32).fill(2),
  modelLog: new Uint8Array(32).fill(3),
  minimumSurvivors: 3,
  corruptFraction: 0.1,
  dropoutFraction: 0.25,
};
const POLICY = { minimumCohort: 3, minimumSurvivors: 3 };
const SA1 = sa1Protocol({
  task: {
    ...OCCASION,
    vectors: LENGTHS.map((length) => ({ length, bits: 20 })),
    maximumCohort: 12,
    adversary: 'semi-honest',
    graph: 'auto',
  },
  policy: POLICY,
  openRing: createLaneSum,
});
const LIGHT = lightSecAggProtocol({
  task: { ...OCCASION, length: 42, bound: 50_000 },
  lengths: LENGTHS,
  policy: POLICY,
});

describe('SA-1 behind the port', () => keepsItsWord(SA1 satisfies SecureSumProtocol<Sa1Message>));
describe('LightSecAgg behind the port', () => keepsItsWord(LIGHT satisfies SecureSumProtocol<LightMessage>));

function keepsItsWord<Message>(protocol: SecureSumProtocol<Message>): void {
  const run = (n: number, dropsOutAt: (member: number) => string | null) => {
    const random = seededBytes(`${protocol.name} ${n}`);
    const members = Array.from({ length: n }, () => ({
      ...nativeIdentity(random(32)),
      crypto: nativeCrypto(random),
    }));
    const inputs = members.map((_, member) =>
      LENGTHS.map((length) => Int32Array.from({ length }, (_, at) => (at - 20) * 1000 + 7 * member)),
    );
    const crypto = nativeCrypto(random);
    const inputOf = (member: number) => inputs[member]!;
    const outcome = runSecureSum(protocol, { members, inputOf, crypto, dropsOutAt });
    const plainSum = (of: readonly number[]) =>
      LENGTHS.map((length, vector) =>
        Int32Array.from({ length }, (_, at) => of.reduce((sum, i) => sum + inputs[i]![vector]![at]!, 0)),
      );
    return { outcome, plainSum };
  };

  it('sums the inputs of everybody, and counts what everybody sent at each stage', async () => {
    const { outcome, plainSum } = run(12, () => null);
    const { sum, uploads } = await outcome;
    expect(sum).toEqual(plainSum(ALL));
    expect(uploads.map((sent) => sent.size)).toEqual(protocol.stages.map(() => ALL.length));
    for (const sent of uploads) expect(Math.min(...sent.values())).toBeGreaterThan(0);
  });

  it.each(protocol.stages)('sums the inputs that arrived when three leave at "%s"', async (stage) => {
    const { outcome, plainSum } = run(12, (member) => (member % 4 === 1 ? stage : null));
    const { sum, uploads } = await outcome;
    const isLost = protocol.stages.indexOf(stage) <= protocol.stages.indexOf('mask');
    expect(sum).toEqual(plainSum(ALL.filter((i) => !isLost || i % 4 !== 1)));
    expect(uploads.at(-1)!.size).toBe(9);
  });

  it('hides the sum when too few are left to answer', async () => {
    const { outcome } = run(12, (member) => (member > 0 ? protocol.stages.at(-1)! : null));
    await expect(outcome).rejects.toMatchObject({ code: 'secagg-below-threshold' });
  });

  it('says nothing of a sum before the last stage', async () => {
    const coordinator = protocol.openCoordinator([], nativeCrypto(seededBytes('nobody')));
    await expect(coordinator.sum()).rejects.toThrow(RangeError);
  });
}
