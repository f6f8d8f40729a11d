import { expect, it } from 'vitest';
import { decodeRans, encodeRans } from '../../src/lossless/rans.ts';
import { uniform } from '../clear/samples.ts';

it('rANS gives back 100,000 runs of bytes, of few or many symbols, and refuses or reads them damaged', () => {
  for (let seed = 1; seed <= 100_000; seed += 1) {
    const [length, symbols, skew, place, change] = uniform(5, seed);
    const bytes = Uint8Array.from(uniform(Math.floor(length! ** 3 * 500), seed + 1), (chance) =>
      Math.floor(chance ** (1 + 8 * skew!) * (1 + 255 * symbols!)),
    );
    const coded = encodeRans(bytes);
    if (Buffer.compare(decodeRans(coded, bytes.length), bytes) !== 0) throw new Error(`seed ${seed}`);
    if (coded.length === 0) continue;
    coded[Math.floor(place! * coded.length)]! ^= 1 + Math.floor(255 * change!);
    const outcome = outcomeOf(() => decodeRans(coded, bytes.length));
    if (!(outcome instanceof Uint8Array)) expect(outcome).toMatchObject({ code: 'codec-malformed' });
  }
}, 600_000);

function outcomeOf(work: () => Uint8Array): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
