/** What is wrong with a document that should be a manifest. Apart from the schema: a page that only reads plans needs none of it. */
import type * as z from 'zod/mini';
import { TributaryError } from '../errors.ts';
import { parameterCount, tensorSize } from '../parameters.ts';
import { dataClasses, dataInputSize } from './data-shape.ts';
import { manifestSchema, type TaskManifest } from './manifest.ts';
import { MAXIMUM_PARAMETERS } from './model.ts';
import { modelClasses, modelInputShape, parameterShapes } from './model-shape.ts';
import { sumFaults } from './sum-faults.ts';

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
  return [...faults, ...sumFaults(manifest)];
}
