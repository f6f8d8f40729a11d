/** The tail of an additive update, and of a sum of them: counts, see `TAIL_FIELDS`. */
import type { SumPlan, TailField } from '../task/secure-sum-plan.ts';
import { MAXIMUM_TAIL_LOSS, TAIL_FIELDS } from '../task/secure-sum-plan.ts';

export type Tail = Readonly<Record<TailField, number>>;

/** How the round's model did on held-out examples. */
export interface TailEvaluation {
  readonly exampleCount: number;
  /** Fraction in [0, 1]. */
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
}

/** The tail of one update. */
export function tailOf(
  weight: number,
  evaluation: TailEvaluation | null,
  { maximumEvaluated }: Pick<SumPlan, 'maximumEvaluated'>,
): Tail {
  const { exampleCount = 0, accuracy = 0, loss = 0 } = evaluation ?? {};
  const evaluatedExamples = Math.min(exampleCount, maximumEvaluated);
  return {
    count: 1,
    weight,
    evaluatedExamples,
    evaluatedCorrect: Math.round(accuracy * evaluatedExamples),
    evaluatedLoss: Math.round(boundedLoss(loss) * evaluatedExamples),
  };
}

/** A model that diverged has a loss that is no number. */
function boundedLoss(loss: number): number {
  return loss >= 0 && loss <= MAXIMUM_TAIL_LOSS ? loss : MAXIMUM_TAIL_LOSS;
}

export function tailValues(tail: Tail): Int32Array {
  return Int32Array.from(TAIL_FIELDS, (field) => tail[field]);
}

/** @param bytes four for each field, little-endian */
export function readTail(bytes: Uint8Array): Tail {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (field: TailField): number => view.getUint32(4 * TAIL_FIELDS.indexOf(field), true);
  return {
    count: read('count'),
    weight: read('weight'),
    evaluatedExamples: read('evaluatedExamples'),
    evaluatedCorrect: read('evaluatedCorrect'),
    evaluatedLoss: read('evaluatedLoss'),
  };
}
