/** Which codes learn what, and what each must keep to. */
import type { ScenarioInput } from '@tributary/simulation';
import type { TaskName } from './tasks.ts';

export interface Code {
  readonly name: string;
  readonly family: 'float32' | 'additive' | 'clear';
  readonly plan: Pick<ScenarioInput['task'], 'compression' | 'secureAggregation' | 'downlink'>;
  readonly tasks: readonly TaskName[];
  /** The code whose runs of the same seeds it is compared with. */
  readonly comparedWith: string;
  readonly limits: Limits;
}

export interface Limits {
  readonly bytesPerParameterUp?: number;
  readonly bytesPerParameterDown?: number;
  /** Rounds to the target over those of the other. */
  readonly roundsRatio?: number;
  /** Fraction of the validation set; `not-measurable`: at most a thousandth, or at least one pair lost nothing. */
  readonly accuracyLost?: number | 'not-measurable';
  /** The point of the row: every pair loses. */
  readonly isWorse?: true;
}

const SAME_MODEL: Limits = { roundsRatio: 1.1, accuracyLost: 0.003 };
const MCMAHAN: readonly TaskName[] = ['2nn-iid', '2nn-noniid', 'cnn'];
const FED = { mode: 'on' } as const;
const MASKED = { mode: 'sa-1' } as const;
const TUNED = { codec: 'tuned', firstNorm: 2, rotation: 'blocks', rounding: 'dithered' } as const;
const TOP_K = { codec: 'top-k', fraction: 0.03, valueBits: 8 } as const;

export const CODES: readonly Code[] = [
  {
    name: 'float32',
    family: 'float32',
    plan: { compression: { codec: 'float32' } },
    tasks: [...MCMAHAN, '2nn-everybody'],
    comparedWith: 'float32',
    limits: {},
  },
  {
    name: 'tuned-4-bits',
    family: 'additive',
    plan: {
      compression: {
        ...TUNED,
        ringBits: 4,
        wrapProbability: 1e-3,
        sampling: { kind: 'random-k', fraction: 0.9 },
      },
      secureAggregation: MASKED,
    },
    tasks: MCMAHAN,
    comparedWith: 'float32',
    limits: { bytesPerParameterUp: 0.5, ...SAME_MODEL },
  },
  {
    name: 'tuned-8-bits',
    family: 'additive',
    plan: {
      compression: { ...TUNED, ringBits: 8, sampling: { kind: 'random-k', fraction: 0.98 } },
      secureAggregation: MASKED,
    },
    tasks: MCMAHAN,
    comparedWith: 'float32',
    limits: { bytesPerParameterUp: 1, roundsRatio: 1.1, accuracyLost: 'not-measurable' },
  },
  {
    name: 'eden-1-bit',
    family: 'clear',
    plan: { compression: { codec: 'eden', bits: 1, fraction: 0.75 } },
    tasks: MCMAHAN,
    comparedWith: 'float32',
    limits: { bytesPerParameterUp: 0.1, ...SAME_MODEL },
  },
  {
    name: 'grid-down',
    family: 'float32',
    plan: { compression: { codec: 'float32' }, downlink: { codec: 'grid', bits: 6 } },
    tasks: MCMAHAN,
    comparedWith: 'float32',
    limits: { bytesPerParameterDown: 1, ...SAME_MODEL },
  },
  {
    name: 'top-k',
    family: 'clear',
    plan: { compression: { ...TOP_K, feedback: FED } },
    tasks: ['2nn-everybody'],
    comparedWith: 'float32',
    // It is there for the row below; what waits on the devices costs it a fifth more rounds, which EDEN does not need.
    limits: { bytesPerParameterUp: 0.1, accuracyLost: SAME_MODEL.accuracyLost },
  },
  {
    name: 'top-k-without-feedback',
    family: 'clear',
    plan: { compression: TOP_K },
    tasks: ['2nn-everybody'],
    comparedWith: 'top-k',
    limits: { bytesPerParameterUp: 0.1, isWorse: true },
  },
];
