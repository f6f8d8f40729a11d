import type { RandomWords } from '@tributary/compression';
import { seededRandom } from '@tributary/fl-core';

export function seededWords(seed: string): RandomWords {
  const random = seededRandom(seed);
  return {
    fill: (words) => {
      for (let i = 0; i < words.length; i += 1) words[i] = random.nextUint32();
    },
  };
}

/** 32 bytes that are public. */
export function seedOf(number: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (number >>> (8 * (i % 4))) & 255);
}
