/**
 * What the shares say about the mask. Fewer than T + 1 of them must say nothing, and a code without its noise gives
 * every correct sum, so that no test of sums would miss it.
 *
 * Both tests compare histograms of 100,000 draws for two masks that differ in every element. They fail by chance with
 * probability 1e-6, and with 64 and 256 cells see a distance of the distributions of about 2 %. (Seeded: they fail always or never.)
 */
import { describe, expect, it } from 'vitest';
import { openShares } from '../../src/lightsecagg/client/open-shares.ts';
import { shareOwnMask } from '../../src/lightsecagg/client/share-own-mask.ts';
import { PRIME } from '../../src/lightsecagg/field.ts';
import { shareMask } from '../../src/lightsecagg/mask-shares.ts';
import { parseRoster, rosterBytes } from '../../src/lightsecagg/roster.ts';
import { deliverShares, readSealedShares } from '../../src/lightsecagg/server/light-server.ts';
import { openSession } from '../../src/lightsecagg/session.ts';
import { bitmapOf } from '../../src/secagg/bitmap.ts';
import { seededBytes } from '../seeded-bytes.ts';
import { devices, lightTask, offerings, POLICY } from './parties.ts';

const DRAWS = 100_000;
/** An element whose multiples by small numbers are far from those of zero. */
const FAR = Math.floor(PRIME / 3);
/** Of chi-square with 63 and 255 degrees of freedom: exceeded with probability 1e-6. */
const CRITICAL = { 64: 131.4, 256: 377.1 } as const;

describe('the shares of a mask', () => {
  it('look the same to one holder (T = 1) whatever the mask, and do not without noise', async () => {
    const task = lightTask({ length: DRAWS, corruptFraction: 0.25, dropoutFraction: 0.5 });
    const zero = await sharesOf(task, () => 0, [1]);
    const far = await sharesOf(task, () => FAR, [1]);
    expect(distance(zero, far, 64)).toBeLessThan(CRITICAL[64]);
  });

  it('look the same to two holders together (T = 2) whatever the mask', async () => {
    const task = lightTask({ length: DRAWS, corruptFraction: 0.5, dropoutFraction: 0.25 });
    const zero = await sharesOf(task, () => 0, [1, 3]);
    const far = await sharesOf(task, () => FAR, [1, 3]);
    expect(distance(zero, far, 256)).toBeLessThan(CRITICAL[256]);
  });

  it('are told apart at once when the padding is zero', () => {
    const code = { members: 3, privacy: 1, recovery: 2, dataPieces: 1, pieceLength: DRAWS };
    const padding = new Int32Array(DRAWS);
    const zero = shareMask(new Int32Array(DRAWS), padding, code);
    const far = shareMask(new Int32Array(DRAWS).fill(FAR), padding, code);
    expect(distance([zero[1]!], [far[1]!], 64)).toBeGreaterThan(1_000 * CRITICAL[64]);
  });
});

/** Of the first member, when its mask is as told: what the given holders open. */
async function sharesOf(
  task: ReturnType<typeof lightTask>,
  mask: () => number,
  holders: readonly number[],
): Promise<Int32Array[]> {
  const offered = await offerings(task, devices(4, 'privacy'));
  const roster = rosterBytes(offered.map(({ offer }) => offer));
  const session = openSession(task, parseRoster(roster));
  expect(session.code).toMatchObject({ privacy: holders.length, dataPieces: 1, pieceLength: DRAWS });

  const random = seededBytes(`noise under ${mask()}`);
  let drawn = 0;
  const dealer = {
    ...offered[0]!.device.crypto,
    // The mask is what is drawn first; what is drawn for the noise stays as random as it is.
    randomBytes: (length: number) => {
      drawn += length;
      return drawn > 4 * DRAWS ? random(length) : repeated(mask(), length);
    },
  };
  const members = await Promise.all(
    offered.map(async ({ device, state }, index) => {
      const crypto = index === 0 ? dealer : device.crypto;
      return shareOwnMask(state, { roster, policy: POLICY }, crypto);
    }),
  );
  expect(members[0]!.state.mask.every((element) => element === mask())).toBe(true);
  const sealed = members.map(({ bytes }, index) => readSealedShares(session, index, bytes));
  const sharers = bitmapOf(4, [0, 1, 2, 3]);
  return Promise.all(
    holders.map(async (holder) => {
      const bytes = deliverShares(session, holder, sealed);
      const crypto = offered[holder]!.device.crypto;
      return (await openShares(members[holder]!.state, { sharers, bytes }, crypto)).shares.get(0)!;
    }),
  );
}

function repeated(element: number, length: number): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: length / 4 }, () => element).buffer);
}

/** Chi-square of two samples of equal size over `cells` cells: of one holder's elements, or of pairs of two holders. */
function distance(left: readonly Int32Array[], right: readonly Int32Array[], cells: number): number {
  const perHolder = Math.round(cells ** (1 / left.length));
  const histogram = (shares: readonly Int32Array[]): Int32Array => {
    const counts = new Int32Array(cells);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const cell = shares.reduce(
        (at, share) => at * perHolder + Math.floor((share[draw]! / PRIME) * perHolder),
        0,
      );
      counts[cell]! += 1;
    }
    return counts;
  };
  const [a, b] = [histogram(left), histogram(right)];
  return a.reduce((sum, count, cell) => {
    const both = count + b[cell]!;
    return both === 0 ? sum : sum + (count - b[cell]!) ** 2 / both;
  }, 0);
}
