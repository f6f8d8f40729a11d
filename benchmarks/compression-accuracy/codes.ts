/** Which codes learn what, and what each must keep to. */
import type { ScenarioInput } from '@tributary/simulation';
import type { TaskName } from './tasks.ts';

export interface Code {
  readonly name: string;
  readonly family: 'float32' | 'additive' | 'clear';
  readonly plan: Pick<ScenarioInput['task'], 'compression' | 'secureAggregation'>;
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
    name: 'quantised-16-masked',
    family: 'additive',
    plan: {
      compression: { codec: 'quantised', valueBits: 16, bound: 0.5 },
      secureAggregation: { mode: 'sa-1' },
    },
    tasks: ['2nn-iid'],
    comparedWith: 'float32',
    limits: { ...SAME_MODEL, accuracyLost: 'not-measurable' },
  },
];
