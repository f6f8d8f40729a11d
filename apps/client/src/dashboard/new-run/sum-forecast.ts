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
  readonly sharing: Sharing | null;
}

export interface Sharing {
  /** Of a cohort of the report goal; null when it cannot be protected. */
  readonly graph: SharingGraph | null;
  /** Sizes from the fewest survivors to the report goal that can be protected; a cohort of another size is given up. */
  readonly sizes: readonly CohortRange[];
}

/** Null while a part is faulty, and for updates of floats. */
export function sumForecast(draft: Draft): SumForecast | null {
  const model = z.safeParse(modelSchema, draft.model);
  const parts = z.safeParse(SUM_PARTS, draft);
  const sharing = sharingOf(draft);
  if (!model.success || !parts.success || sharing === 'faulty') return null;
  if (!isAdditive(parts.data.compression)) return null;
  try {
    const layout = sumLayout({ ...parts.data, privacy: { mode: 'none' } }, parameterShapes(model.data));
    return { bits: layout.bits, frameBytes: ringFrameLength(layout), sharing };
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

/** Who shares secrets with whom; null without secure aggregation. */
export function sharingOf(draft: Draft): Sharing | null | 'faulty' {
  const parts = z.safeParse(SHARING_PARTS, draft);
  if (!parts.success) return 'faulty';
  const { rounds, secureAggregation } = parts.data;
  if (secureAggregation.mode === 'off') return null;
  const [minimum, maximum] = [rounds.minimumSurvivors, rounds.reportGoal];
  const sizes = maximum > 1000 ? [] : feasibleCohorts(secureAggregation, { minimum, maximum });
  const isPossible = sizes.at(-1)?.to === maximum;
  return { graph: isPossible ? chooseGraph({ ...secureAggregation, n: maximum }) : null, sizes };
}

const SHARING_PARTS = z.object({
  rounds: roundPlanSchema,
  secureAggregation: z._default(secureAggregationPlanSchema, { mode: 'off' }),
});
