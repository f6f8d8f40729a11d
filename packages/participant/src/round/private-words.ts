import type { RandomWords } from '@tributary/compression';

/** From the cryptographic generator of the platform: who could foresee the rounding would know more of the update. */
export const privateWords: RandomWords = {
  fill: (words) => void globalThis.crypto.getRandomValues(words),
};
