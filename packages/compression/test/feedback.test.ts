import { type CodecMemory, withResidual } from '@tributary/compression';
import { describe, expect, it } from 'vitest';

const MEMORY: CodecMemory = { roundNumber: 7, residual: Float32Array.of(0.25, -1) };
const DELTA = Float32Array.of(1, 2);

describe('a residual', () => {
  it('is added to the next delta, which stays as it was', () => {
    const carried = withResidual(DELTA, MEMORY, { roundNumber: 8, expiresAfterRounds: 3 });
    expect([...carried]).toEqual([1.25, 1]);
    expect([...DELTA]).toEqual([1, 2]);
  });

  it('is added for the last time in the round in which it expires', () => {
    const inRound = (roundNumber: number) => [
      ...withResidual(DELTA, MEMORY, { roundNumber, expiresAfterRounds: 3 }),
    ];
    expect(inRound(10)).toEqual([1.25, 1]);
    expect(inRound(11)).toEqual([1, 2]);
  });

  it('is left out when there is none, when it is of this round or a later one, or of another model', () => {
    const expiry = { roundNumber: 8, expiresAfterRounds: 3 };
    expect([...withResidual(DELTA, null, expiry)]).toEqual([1, 2]);
    expect([...withResidual(DELTA, { ...MEMORY, roundNumber: 8 }, expiry)]).toEqual([1, 2]);
    expect([...withResidual(DELTA, { ...MEMORY, roundNumber: 9 }, expiry)]).toEqual([1, 2]);
    expect([...withResidual(DELTA, { ...MEMORY, residual: new Float32Array(3) }, expiry)]).toEqual([1, 2]);
  });
});
