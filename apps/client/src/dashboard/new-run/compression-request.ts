/** What of a draft its compression depends on, as far as these parts are sound. */
import {
  type CompressionPlan,
  compressionPlanSchema,
  type ForecastRequest,
  inviteCount,
  modelSchema,
  parameterShapes,
  privacyPlanSchema,
  roundPlanSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import { type Draft, valueAt } from './draft.ts';
import { sharingOf } from './sum-forecast.ts';

/** Null while one of them is faulty, or no arrangement protects a secure sum. */
export function compressionRequest(draft: Draft): ForecastRequest | null {
  const parts = z.safeParse(PARTS, draft);
  if (!parts.success) return null;
  const { model, rounds, compression, privacy } = parts.data;
  const sharing = sharingOf(draft);
  if (sharing === 'faulty' || (sharing && !sharing.graph)) return null;
  return {
    compression,
    shapes: parameterShapes(model),
    cohort: inviteCount(rounds),
    graph: sharing?.graph ?? null,
    norm: privacy.clippingNorm ?? (compression.codec === 'tuned' ? compression.firstNorm : 1),
  };
}

const PARTS = z.object({
  model: modelSchema,
  rounds: roundPlanSchema,
  compression: z._default(compressionPlanSchema, { codec: 'float32' }),
  privacy: z._default(privacyPlanSchema, { mode: 'none' }),
});

/** The found plan as the form has it; what the draft says of the first round stays. */
export function draftWithPlan(draft: Draft, plan: CompressionPlan): Draft {
  if (plan.codec !== 'tuned') return { ...draft, compression: plan };
  const firstNorm = valueAt(draft, 'privacy.clippingNorm') ?? valueAt(draft, 'compression.firstNorm');
  return { ...draft, compression: { ...plan, ...(typeof firstNorm === 'number' && { firstNorm }) } };
}
