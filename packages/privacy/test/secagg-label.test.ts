import { labelOf } from '@tributary/privacy';
import { expect, it } from 'vitest';
import { gather } from './secagg-scene.ts';

const everything = { confirmations: 9, isCodePinned: true, areIdentitiesReal: true };

it('[S-10] claims an active server on the complete graph with the largest threshold, when everything else holds', async () => {
  const { session } = await gather({ n: 9 });
  expect(session.graph).toEqual({ kind: 'complete', degree: 8, shareThreshold: 7 });
  expect(labelOf(session, everything)).toBe('active server');
});

it('claims a curious server when anything is missing', async () => {
  const { session } = await gather({ n: 9 });
  const lacking = [
    { ...everything, isCodePinned: false },
    { ...everything, areIdentitiesReal: false },
    { ...everything, confirmations: 7 },
  ];
  for (const facts of lacking) expect(labelOf(session, facts)).toBe('curious server');
  const looser = { ...session, graph: { ...session.graph, shareThreshold: 6 } };
  expect(labelOf(looser, everything)).toBe('curious server');
  const sparse = { ...session, graph: { ...session.graph, kind: 'harary' as const } };
  expect(labelOf(sparse, everything)).toBe('curious server');
});

it('claims a curious server where t is meant for one that follows the protocol: two groups could be told different survivors', async () => {
  const task = { corruptFraction: 0.33, dropoutFraction: 0.3, adversary: 'semi-honest' } as const;
  const { session } = await gather({ n: 10, task });
  expect(session.graph).toEqual({ kind: 'complete', degree: 9, shareThreshold: 6 });
  // Four conspire. Three honest members and they are t + 1 signers of one story, the three others and they of another.
  expect(labelOf(session, everything)).toBe('curious server');
});
