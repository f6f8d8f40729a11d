import { ALPHABETS, parseManifest, type Template } from '@tributary/fl-core';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

const ALPHABET = ALPHABETS.english;

/** Next-character prediction, as keyboards learn it (Hard et al. 2018), in small. */
export const charGru: Template = {
  id: 'char-gru',
  title: 'Next character of a text',
  description: "A recurrent network that continues a text; each participant trains on text of one's own.",
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Next character',
    description: 'Learns to guess the next character from those before it.',
    seed: 'char-gru',
    model: { kind: 'char-gru', vocabularySize: ALPHABET.length, sequenceLength: 40, units: 128 },
    data: { kind: 'text', alphabet: ALPHABET, sequenceLength: 40 },
    training: {
      optimiser: { kind: 'adam', learningRate: 0.002 },
      epochs: 1,
      batchSize: 32,
      maximumExamples: 2000,
    },
    rounds: { committedRounds: 50, ...GROUP_OF_TEN, trainingSeconds: 900 },
    aggregation: { maximumWeight: 2000, serverOptimiser: { kind: 'adam', learningRate: 0.01 } },
    ...SECURE_SUMS,
  }),
};
