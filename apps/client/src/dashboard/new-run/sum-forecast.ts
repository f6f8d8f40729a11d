/** What both sides would compute of the sums of a plan: the ring, and who shares secrets with whom. */
import {
  aggregationPlanSchema,
  compressionPlanSchema,
  isAdditive,
  modelSchema,
  parameterShapes,
  ringFrameLength,
  roundPlanSchema,
  secureAggregationPlanSchema,
  sumLayout,
} from '@tributary/fl-core';
import { type CohortRange, chooseGraph, feasibleCohorts, type SharingGraph } from '@tributary/privacy';
import * as z from 'zod/mini';
import type { Draft } from './draft.ts';

export interface SumForecast {
  /** b: sums are modulo 2^b. */
  readonly bits: number;
  /** One update, masked or not. */
  readonly frameBytes: number;
  /** Null where single updates are seen. */
  readonly sharing: {
    /** Of a cohort of the report goal; null when it cannot be protected. */
    readonly graph: SharingGraph | null;
    /** Sizes from the fewest survivors to the report goal that can be protected; a cohort of another size is given up. */
    readonly sizes: readonly CohortRange[];
  } | null;
}

/** Null while a part is faulty, and for updates of floats. */
export function sumForecast(draft: Draft): SumForecast | null {
  const model = z.safeParse(modelSchema, draft.model);
  const parts = z.safeParse(SUM_PARTS, draft);
  if (!model.success || !parts.success || !isAdditive(parts.data.compression)) return null;
  try {
    const layout = sumLayout({ ...parts.data, privacy: { mode: 'none' } }, parameterShapes(model.data));
    return { bits: layout.bits, frameBytes: ringFrameLength(layout), sharing: sharingOf(parts.data) };
  } catch {
    // No ring is wide enough: the check says so.
    return null;
  }
}

const SUM_PARTS = z.object({
  rounds: roundPlanSchema,
  aggregation: aggregationPlanSchema,
  compression: z._default(compressionPlanSchema, { codec: 'float32' }),
  secureAggregation: z._default(secureAggregationPlanSchema, { mode: 'off' }),
});

function sharingOf({ rounds, secureAggregation }: z.infer<typeof SUM_PARTS>): SumForecast['sharing'] {
  if (secureAggregation.mode === 'off') return null;
  const [minimum, maximum] = [rounds.minimumSurvivors, rounds.reportGoal];
  const sizes = maximum > 1000 ? [] : feasibleCohorts(secureAggregation, { minimum, maximum });
  const isPossible = sizes.at(-1)?.to === maximum;
  return { graph: isPossible ? chooseGraph({ ...secureAggregation, n: maximum }) : null, sizes };
}
