/** Fields of what travels: the form of an update, and how the model comes to the devices. */
import { type Draft, valueAt } from './draft.ts';
import { type Field, ofKind } from './field.ts';

/** What masks add up in: a secure sum needs one of these. */
export const ADDITIVE_CODECS: readonly unknown[] = ['quantised', 'tuned'];
export const QUANTISED = { codec: 'quantised' } as const satisfies Draft;

export function compressionFields(draft: Draft): Field[] {
  const codec = valueAt(draft, 'compression.codec') ?? 'float32';
  return [
    ...ofKind(draft, 'compression', CODEC_STARTERS, CODEC, { key: 'codec', preset: 'float32' }),
    ...(ADDITIVE_CODECS.includes(codec) ? linearFields(draft) : []),
    ...(codec === 'float32' ? [] : feedbackFields(draft)),
    ...ofKind(draft, 'downlink', DOWNLINK_STARTERS, DOWNLINK, { key: 'codec', preset: 'float32' }),
  ];
}

const CODEC_STARTERS = {
  float32: { codec: 'float32' },
  quantised: QUANTISED,
  // Its step counts on values that are alike in size.
  tuned: { codec: 'tuned', rotation: 'blocks' },
  eden: { codec: 'eden' },
  codebook: { codec: 'codebook' },
  'top-k': { codec: 'top-k' },
  truncated: { codec: 'truncated' },
  'power-sgd': { codec: 'power-sgd' },
} as const satisfies Record<string, Draft>;

const CODEC: Record<keyof typeof CODEC_STARTERS, readonly Field[]> = {
  float32: [],
  quantised: [
    { path: 'compression.valueBits', input: 'number', preset: 16 },
    { path: 'compression.bound', input: 'number', preset: 1 },
    {
      path: 'compression.ring',
      input: 'choice',
      choices: ['proven', 'probabilistic'],
      preset: 'proven',
    },
  ],
  tuned: [
    { path: 'compression.ringBits', input: 'number', preset: 8 },
    { path: 'compression.wrapProbability', input: 'number', preset: 1e-5 },
    { path: 'compression.firstNorm', input: 'number', preset: 1 },
  ],
  eden: [
    { path: 'compression.bits', input: 'number', preset: 1 },
    { path: 'compression.fraction', words: 'compression.fraction.own', input: 'number', preset: 1 },
    { path: 'compression.adaptive', input: 'choice', choices: [false, true], preset: false },
  ],
  codebook: [{ path: 'compression.bits', words: 'compression.bits.codebook', input: 'number', preset: 4 }],
  'top-k': [
    { path: 'compression.fraction', input: 'number', preset: 0.01 },
    { path: 'compression.valueBits', words: 'compression.valueBits.kept', input: 'number', preset: 8 },
    { path: 'compression.momentum', input: 'number', preset: 0 },
    { path: 'compression.warmUpRounds', input: 'number', preset: 0 },
  ],
  truncated: [{ path: 'compression.mantissaBits', input: 'number', preset: 7 }],
  'power-sgd': [{ path: 'compression.rank', input: 'number', preset: 2 }],
};

/** What everybody in a round does alike before rounding, so that the sums mean something. */
function linearFields(draft: Draft): Field[] {
  return [
    ...ofKind(draft, 'compression.sampling', SAMPLING_STARTERS, SAMPLING, { key: 'kind', preset: 'all' }),
    {
      path: 'compression.rotation',
      input: 'choice',
      choices: ['none', 'blocks', 'full'],
      preset: 'none',
    },
    {
      path: 'compression.rounding',
      input: 'choice',
      choices: ['stochastic', 'dithered'],
      preset: 'stochastic',
    },
  ];
}

const SAMPLING_STARTERS = {
  all: { kind: 'all' },
  'random-k': { kind: 'random-k', fraction: 0.25 },
  neurons: { kind: 'neurons', fraction: 0.5 },
  'low-rank': { kind: 'low-rank', rank: 16 },
} as const satisfies Record<string, Draft>;

const SAMPLING: Record<keyof typeof SAMPLING_STARTERS, readonly Field[]> = {
  all: [],
  'random-k': [{ path: 'compression.sampling.fraction', input: 'number' }],
  neurons: [{ path: 'compression.sampling.fraction', input: 'number' }],
  'low-rank': [{ path: 'compression.sampling.rank', input: 'number' }],
};

function feedbackFields(draft: Draft): Field[] {
  return ofKind(draft, 'compression.feedback', FEEDBACK_STARTERS, FEEDBACK, { key: 'mode', preset: 'off' });
}

const FEEDBACK_STARTERS = {
  off: { mode: 'off' },
  on: { mode: 'on' },
} as const satisfies Record<string, Draft>;

const FEEDBACK: Record<keyof typeof FEEDBACK_STARTERS, readonly Field[]> = {
  off: [],
  on: [{ path: 'compression.feedback.expiresAfterRounds', input: 'number', preset: 20 }],
};

const DOWNLINK_STARTERS = {
  float32: { codec: 'float32' },
  lossless: { codec: 'lossless' },
  grid: { codec: 'grid' },
} as const satisfies Record<string, Draft>;

const DOWNLINK: Record<keyof typeof DOWNLINK_STARTERS, readonly Field[]> = {
  float32: [],
  lossless: [],
  grid: [{ path: 'downlink.bits', input: 'number', preset: 6 }],
};
