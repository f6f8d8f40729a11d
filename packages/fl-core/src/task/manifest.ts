/** The task manifest: everything that defines a run, in one versioned, strictly checked document. */

import * as z from 'zod/mini';
import { aggregationPlanSchema } from './aggregation-plan.ts';
import { compressionPlanSchema, downlinkPlanSchema } from './compression-plan.ts';
import { dataSchema } from './data-schema.ts';
import { localTrainingSchema } from './local-training.ts';
import { modelSchema } from './model.ts';
import { roundPlanSchema } from './round-plan.ts';
import { secureAggregationPlanSchema } from './secure-aggregation-plan.ts';

export const MANIFEST_VERSION = 1;

/** Room for noise and accounting; today a run may ask for clipping, and must say that no noise is added. */
export const privacyPlanSchema = z.strictObject({
  mode: z.literal('none'),
  /** L2 bound on one model delta, enforced in the tab before upload and again by the coordinator. */
  clippingNorm: z.optional(z.number().check(z.positive())),
});
export const eligibilityPlanSchema = z.strictObject({
  minimumExamples: z._default(z.int().check(z.positive()), 1),
});

export const manifestSchema = z.strictObject({
  manifestVersion: z.literal(MANIFEST_VERSION),
  name: z.string().check(z.minLength(1), z.maxLength(120)),
  description: z._default(z.string().check(z.maxLength(2000)), ''),
  /** Seeds initial parameters, cohort sampling and example order. */
  seed: z.string().check(z.minLength(1), z.maxLength(120)),
  model: modelSchema,
  /** SHA-256 of the frame that holds the first model; without it, the seed draws one. */
  initialModel: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  data: dataSchema,
  training: localTrainingSchema,
  rounds: roundPlanSchema,
  aggregation: aggregationPlanSchema,
  privacy: z._default(privacyPlanSchema, { mode: 'none' }),
  compression: z._default(compressionPlanSchema, { codec: 'float32' }),
  downlink: z._default(downlinkPlanSchema, { codec: 'float32' }),
  eligibility: z._default(eligibilityPlanSchema, { minimumExamples: 1 }),
  secureAggregation: z._default(secureAggregationPlanSchema, { mode: 'off' }),
});
export type TaskManifest = z.infer<typeof manifestSchema>;
export type TaskManifestInput = z.input<typeof manifestSchema>;
