import { ALPHABETS, parseManifest, type Template } from '@tributary/fl-core';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

/** 118,860 parameters: two blocks of GPT-2's kind (Radford et al. 2019), small enough for a phone. */
export const charTransformer: Template = {
  id: 'char-transformer',
  title: 'Next character, with a transformer',
  description:
    'A small transformer that continues a text; a finished one can be adapted, so that only adapters are sent.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Next character (transformer)',
    description: 'Learns to guess the next character from those before it, by attention.',
    seed: 'char-transformer',
    model: {
      kind: 'char-transformer',
      vocabularySize: ALPHABETS.english.length,
      sequenceLength: 64,
      width: 64,
      heads: 4,
      blocks: 2,
    },
    data: { kind: 'text', alphabet: ALPHABETS.english, sequenceLength: 64 },
    training: {
      optimiser: { kind: 'adam', learningRate: 0.003 },
      epochs: 1,
      batchSize: 16,
      maximumExamples: 2000,
    },
    rounds: { committedRounds: 50, ...GROUP_OF_TEN, trainingSeconds: 900 },
    aggregation: { maximumWeight: 2000, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
