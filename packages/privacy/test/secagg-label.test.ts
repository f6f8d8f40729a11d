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
