import { ALPHABETS, parseManifest, type Template } from '@tributary/fl-core';

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
    rounds: { committedRounds: 50, reportGoal: 5, minimumSurvivors: 2, trainingSeconds: 900 },
    aggregation: { serverOptimiser: { kind: 'adam', learningRate: 0.01 } },
  }),
};
