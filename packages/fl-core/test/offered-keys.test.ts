/** Keys that members of a secure round offer, before its cohort closes. */
import {
  type ClientId,
  instant,
  openRound,
  type RoundEvent,
  type RoundState,
  stepRound,
} from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { clientsNamed, MODEL, smallPlan } from './rounds.ts';

const at = instant(0);
const [first, second, third] = clientsNamed(3) as [ClientId, ClientId, ClientId];

/** Identity, mask key, channel key; then commitment and signature, which do not matter here. */
const offerOf = (identity: string, maskKey: string, channelKey: string) =>
  [identity, maskKey, channelKey].map((digit) => digit.repeat(64)).join('') + '0'.repeat(192);

function opened(): RoundState {
  const { state } = openRound({
    roundNumber: 7,
    plan: smallPlan({ reportGoal: 3, minimumSurvivors: 3, overSelection: 1 }),
    seed: 'keys',
    modelHash: MODEL,
    modelLog: MODEL,
    previousModelLog: MODEL,
    stageSeconds: 30,
    at,
    candidates: [first, second, third],
  });
  return state;
}

const offered = (clientId: ClientId, offer: string): RoundEvent => ({
  type: 'keysOffered',
  at,
  clientId,
  roundNumber: 7,
  offer,
});

test('[R-25] a key that another member has offered is refused, in either place: a roster with it would be none', () => {
  const { state } = stepRound(opened(), offered(first, offerOf('1', 'a', 'b')));
  for (const [maskKey, channelKey] of [
    ['a', 'c'],
    ['b', 'c'],
    ['c', 'a'],
    ['c', 'b'],
  ] as const) {
    const step = stepRound(state, offered(second, offerOf('2', maskKey, channelKey)));
    expect(step.state).toBe(state);
    expect(step.effects).toMatchObject([{ type: 'refuse', to: second, code: 'secagg-key-invalid' }]);
  }
});

test('[R-25] a member offers the same keys again, or others, for a page that was loaded again', () => {
  const once = stepRound(opened(), offered(first, offerOf('1', 'a', 'b')));
  const again = stepRound(once.state, offered(first, offerOf('1', 'a', 'b')));
  expect(again.state).toEqual(once.state);
  const anew = stepRound(again.state, offered(first, offerOf('1', 'c', 'd')));
  const freed = stepRound(anew.state, offered(second, offerOf('2', 'a', 'b')));
  expect(freed.effects).toEqual([]);
  expect(freed.state).toMatchObject({
    invited: expect.arrayContaining([
      { clientId: second, stage: 'offered', awaySince: null, offer: offerOf('2', 'a', 'b') },
    ]),
  });
});
