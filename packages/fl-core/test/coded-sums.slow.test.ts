/** That samples stand for what was not sent takes many rounds to see. */
import type { AdditivePlan } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import {
  CASES,
  codesOf,
  deltaOf,
  distance,
  LENGTH,
  MEMBERS,
  manifestOf,
  meanOf,
  roundOf,
  summed,
} from './coded-sums-scene.ts';

describe('a sum of sampled updates', () => {
  it.each(CASES.filter(([, form]) => (form as AdditivePlan).sampling.kind !== 'all'))(
    '[C-1] is the weighted mean on average over rounds, whatever is sampled: %s',
    (_, form) => {
      const manifest = manifestOf(form);
      const rounds = 150;
      const average = new Float64Array(LENGTH);
      let squares = 0;
      const exact = meanOf(MEMBERS.map((_, i) => deltaOf(i)));
      for (let roundNumber = 1; roundNumber <= rounds; roundNumber += 1) {
        const round = roundOf(manifest, roundNumber);
        const codes = codesOf(manifest, round, ` ${roundNumber}`);
        const mean = summed(
          manifest,
          codes.map(({ frame }) => frame),
          round,
        ).mean();
        squares += distance(mean, exact) ** 2 / rounds;
        for (let k = 0; k < LENGTH; k += 1) average[k]! += mean[k]! / rounds;
      }
      // The error of an average of independent rounds; a third more has a chance of far less than one in a million.
      expect(distance(average, exact) ** 2).toBeLessThan((squares / rounds) * 1.35);
    },
  );
});
