/** What the demo learns, from whom, and what it is measured on. Everything is generated from fixed seeds. */
import { type ExampleSet, MANIFEST_VERSION, parseManifest, type TaskManifest } from '@tributary/fl-core';
import {
  DIGIT_PIXELS,
  digitDataSchema,
  generateDigits,
  handwritingOf,
  imageExamples,
} from '@tributary/simulation';
import { GROUP_OF_TEN, SECURE_SUMS } from '../templates/secure-sums.ts';

export const DEMO_PARTICIPANTS = 12;
const EXAMPLES_EACH = 150;
const HELD_OUT_EACH = 30;

/**
 * Ten of those who are present are invited and all of them are waited for, so that a browser that joins the twelve
 * virtual participants is in most rounds, however slow it is.
 */
export function demoManifest(): TaskManifest {
  return parseManifest({
    manifestVersion: MANIFEST_VERSION,
    name: 'Demo: handwritten digits',
    description:
      'Twelve virtual participants, each with 150 generated digits in a handwriting of its own, teach one model to read everybody’s.',
    seed: 'demo',
    model: { kind: 'mlp', inputSize: DIGIT_PIXELS, hidden: [64], classes: 10 },
    data: digitDataSchema,
    training: { optimiser: { kind: 'sgd', learningRate: 0.05 }, epochs: 2, batchSize: 10 },
    rounds: {
      // Learnt after a minute; the rest is time for people to come and join.
      committedRounds: 400,
      ...GROUP_OF_TEN,
      overSelection: 1,
      selectionSeconds: 3,
      trainingSeconds: 30,
      reportingSeconds: 10,
      rejoinSeconds: 5,
      comeBackSeconds: 5,
    },
    aggregation: {
      weighting: 'examples',
      maximumWeight: EXAMPLES_EACH,
      serverOptimiser: { kind: 'sgd', learningRate: 1 },
    },
    ...SECURE_SUMS,
    // Everybody has as many examples: the first step is not far off, and a byte is enough for a parameter.
    compression: { codec: 'tuned', ringBits: 8, rotation: 'blocks', rounding: 'dithered' },
    eligibility: { minimumExamples: 10 },
  });
}

export interface DemoShard {
  readonly training: ExampleSet;
  readonly heldOut: ExampleSet;
}

/** One virtual participant's private data: a few digits, all in the same hand. */
export function demoShard(participant: number): DemoShard {
  const style = handwritingOf(`demo/${participant}`);
  const draw = (use: string, count: number) =>
    imageExamples(generateDigits({ seed: `demo/${use}/${participant}`, count, style }));
  return { training: draw('training', EXAMPLES_EACH), heldOut: draw('held-out', HELD_OUT_EACH) };
}

/** A thousand digits, each in the hand of a stranger. */
export function demoValidationSet(): ExampleSet {
  return imageExamples(generateDigits({ seed: 'demo/validation', count: 1000 }));
}
