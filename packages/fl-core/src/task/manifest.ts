/** The task manifest: everything that defines a run, in one versioned, strictly checked document. */

import * as z from 'zod/mini';
import { TributaryError } from '../errors.ts';
import { parameterCount, tensorSize } from '../parameters.ts';
import { aggregationPlanSchema } from './aggregation-plan.ts';
import { compressionPlanSchema } from './compression-plan.ts';
import { dataSchema } from './data-schema.ts';
import { dataClasses, dataInputSize } from './data-shape.ts';
import { localTrainingSchema } from './local-training.ts';
import { MAXIMUM_PARAMETERS, modelSchema } from './model.ts';
import { modelClasses, modelInputShape, parameterShapes } from './model-shape.ts';
import { roundPlanSchema } from './round-plan.ts';
import { secureAggregationPlanSchema } from './secure-aggregation-plan.ts';
import { sumFaults } from './sum-faults.ts';

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
  eligibility: z._default(eligibilityPlanSchema, { minimumExamples: 1 }),
  secureAggregation: z._default(secureAggregationPlanSchema, { mode: 'off' }),
});
export type TaskManifest = z.infer<typeof manifestSchema>;
export type TaskManifestInput = z.input<typeof manifestSchema>;

export interface FieldFault {
  /** Path in the document, e.g. `rounds.reportGoal`. */
  readonly path: string;
  readonly message: string;
}

/**
 * Checks a document from outside and fills the defaults in.
 * @param words says what is wrong with a field, in some language; one of zod's locales
 * @throws TributaryError `manifest-invalid` or `plan-impossible`, naming the first faulty field
 */
export function parseManifest(document: unknown, words?: z.core.$ZodErrorMap): TaskManifest {
  const faults = manifestFaults(document, words);
  const first = faults[0];
  if (first) {
    const code = first.path.startsWith('plan:') ? 'plan-impossible' : 'manifest-invalid';
    throw new TributaryError(code, `${first.path.replace('plan:', '')}: ${first.message}`);
  }
  return manifestSchema.parse(document);
}

/** Every fault of a document, by field; empty when it is a manifest. */
export function manifestFaults(document: unknown, words?: z.core.$ZodErrorMap): FieldFault[] {
  const parsed = manifestSchema.safeParse(document, words && { error: words });
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.') || 'manifest',
      message: issue.message,
    }));
  }
  return contradictions(parsed.data);
}

/** What no single field shows: parts that do not fit each other. */
function contradictions(manifest: TaskManifest): FieldFault[] {
  const faults: FieldFault[] = [];
  const inputs = tensorSize(modelInputShape(manifest.model));
  const provided = dataInputSize(manifest.data);
  if (inputs !== provided) {
    faults.push({ path: 'model', message: `reads ${inputs} inputs, but the data schema gives ${provided}` });
  }
  const outputs = modelClasses(manifest.model);
  const wanted = dataClasses(manifest.data);
  if (outputs !== wanted) {
    faults.push({ path: 'model', message: `has ${outputs} classes, but the data schema has ${wanted}` });
  }
  const parameters = parameterCount(parameterShapes(manifest.model));
  if (parameters > MAXIMUM_PARAMETERS) {
    faults.push({
      path: 'model',
      message: `has ${parameters} parameters, more than the ${MAXIMUM_PARAMETERS} that a tab can be asked to hold`,
    });
  }
  const { model } = manifest;
  if (model.kind === 'char-transformer' && model.width % model.heads !== 0) {
    faults.push({
      path: 'model.heads',
      message: `${model.heads} heads cannot share a width of ${model.width}: it must be a multiple`,
    });
  }
  if (model.kind === 'layers' && manifest.training.exampleClipping) {
    faults.push({
      path: 'training.exampleClipping',
      message: 'an uploaded layers model trains without access to single examples; built-in models have it',
    });
  }
  const { rounds } = manifest;
  if (rounds.minimumSurvivors > rounds.reportGoal) {
    faults.push({
      path: 'plan:rounds.minimumSurvivors',
      message: `${rounds.minimumSurvivors} is more than the report goal of ${rounds.reportGoal}`,
    });
  }
  return [...faults, ...sumFaults(manifest, parameters)];
}
