/** A scenario: one simulated run with its data, its population and its faults, all from one seed. */
import {
  aggregationPlanSchema,
  compressionPlanSchema,
  type DataSchema,
  downlinkPlanSchema,
  eligibilityPlanSchema,
  imageDataSchema,
  localTrainingSchema,
  MANIFEST_VERSION,
  modelSchema,
  parseManifest,
  privacyPlanSchema,
  roundPlanSchema,
  secureAggregationPlanSchema,
  type TaskManifest,
  TributaryError,
  tabularDataSchema,
  textDataSchema,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import { DIGIT_LABELS } from './data/digits.ts';
import { DIGIT_SIDE } from './data/pen.ts';
import { TOPICS } from './data/sentences.ts';
import { PICTURE_SIDE, SHAPE_LABELS } from './data/shape-labels.ts';

const count = z.int().check(z.positive(), z.maximum(10_000_000));
const seconds = z.number().check(z.gte(0), z.maximum(24 * 3600));
const probability = z.number().check(z.gte(0), z.lte(1));
const text = z.string().check(z.minLength(1), z.maxLength(120));

/** Each participant draws once, uniformly, between these. */
const range = (minimum: number, maximum: number) =>
  z._default(
    z
      .strictObject({ minimum: z.number().check(z.positive()), maximum: z.number().check(z.positive()) })
      .check(z.refine((bounds) => bounds.minimum <= bounds.maximum, 'minimum is above maximum')),
    { minimum, maximum },
  );

const partitionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('iid') }),
  z.strictObject({ kind: z.literal('label-shards'), shardsPerParticipant: count }),
  z.strictObject({ kind: z.literal('dirichlet'), alpha: z.number().check(z.positive()) }),
]);

const populationSchema = z.strictObject({
  participants: count,
  partition: partitionSchema,
  /** Everybody checks in for the first time within this many seconds. */
  arrivalSeconds: z._default(seconds, 5),
  /** One way, for each message. */
  latencySeconds: range(0.02, 0.2),
  bytesPerSecond: range(500_000, 5_000_000),
  /** How fast local training is. */
  examplesPerSecond: range(300, 3000),
  /** Probability that an invited participant loses its connection and its work while it trains. */
  dropoutProbability: z._default(probability, 0),
  /** Probability that a member of a closed cohort is lost, page and secrets, just before it ... */
  secureSumDropouts: z._default(
    z.strictObject({
      /** sends its sealed shares, */
      sharing: z._default(probability, 0),
      /** masks its update, */
      masking: z._default(probability, 0),
      /** signs who survived, */
      confirming: z._default(probability, 0),
      /** reveals shares. */
      revealing: z._default(probability, 0),
    }),
    { sharing: 0, masking: 0, confirming: 0, revealing: 0 },
  ),
  /** A participant that dropped out is back after this long. */
  returnSeconds: z._default(seconds, 30),
  /** Seeds arrival, latency, speed and dropouts; the scenario's seed when absent. */
  networkSeed: z.optional(text),
});

const datasetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('generated-digits'), examples: count, validationExamples: count }),
  z.strictObject({ kind: z.literal('generated-shapes'), examples: count, validationExamples: count }),
  z.strictObject({
    kind: z.literal('generated-text'),
    topic: z.enum(TOPICS),
    characters: count,
    validationCharacters: count,
    schema: textDataSchema,
  }),
  /** A text file from that folder; its last tenth measures the model. */
  z.strictObject({ kind: z.literal('text-file'), file: text, schema: textDataSchema }),
  /** The four IDX files of MNIST, from a folder that is named when the scenario is run. */
  z.strictObject({ kind: z.literal('mnist') }),
  /** Two CSV files without a header row, from that folder. */
  z.strictObject({
    kind: z.literal('tabular-csv'),
    trainFile: text,
    validationFile: text,
    /** Names of all columns in the files' order; those that the schema does not name are left out. */
    columnsInFile: z.array(text).check(z.minLength(2)),
    schema: tabularDataSchema,
  }),
]);
type DatasetSpec = z.infer<typeof datasetSchema>;

export const scenarioSchema = z.strictObject({
  name: text,
  description: z._default(z.string().check(z.maxLength(2000)), ''),
  seed: text,
  dataset: datasetSchema,
  population: populationSchema,
  /** What a manifest says beyond what the scenario already knows: name, seed, data and number of rounds. */
  task: z.strictObject({
    model: modelSchema,
    training: localTrainingSchema,
    rounds: z.omit(roundPlanSchema, { committedRounds: true }),
    aggregation: aggregationPlanSchema,
    privacy: z.optional(privacyPlanSchema),
    compression: z.optional(compressionPlanSchema),
    downlink: z.optional(downlinkPlanSchema),
    eligibility: z.optional(eligibilityPlanSchema),
    secureAggregation: z.optional(secureAggregationPlanSchema),
  }),
  maximumRounds: count,
  /** Accuracy on the validation set that `roundsToTarget` waits for. */
  targetAccuracy: z.optional(probability),
  /** Whether the run ends when the target is reached. */
  stopAtTarget: z._default(z.boolean(), true),
  /** The model is measured after every so many rounds, and after the last. */
  evaluateEvery: z._default(count, 1),
});
export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioInput = z.input<typeof scenarioSchema>;

/**
 * Checks a scenario from outside and fills the defaults in.
 * @throws TributaryError `manifest-invalid` or `plan-impossible`, naming the first faulty field
 */
export function parseScenario(document: unknown): Scenario {
  const parsed = scenarioSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path.map(String).join('.') || 'scenario';
    throw new TributaryError('manifest-invalid', `${path}: ${issue.message}`);
  }
  scenarioManifest(parsed.data);
  const { dataset, population } = parsed.data;
  if (isText(dataset) && population.partition.kind !== 'iid') {
    throw new TributaryError(
      'plan-impossible',
      'population.partition: text has no labels to divide it by; its partition is iid',
    );
  }
  return parsed.data;
}

const isText = ({ kind }: DatasetSpec): boolean => kind === 'generated-text' || kind === 'text-file';

/** The task manifest that the scenario runs. */
export function scenarioManifest(scenario: Scenario): TaskManifest {
  const { task } = scenario;
  return parseManifest({
    ...task,
    manifestVersion: MANIFEST_VERSION,
    name: scenario.name,
    description: scenario.description,
    seed: scenario.seed,
    data: dataSchemaOf(scenario.dataset),
    rounds: { ...task.rounds, committedRounds: scenario.maximumRounds },
  });
}

function dataSchemaOf(dataset: DatasetSpec): DataSchema {
  switch (dataset.kind) {
    case 'tabular-csv':
    case 'generated-text':
    case 'text-file':
      return dataset.schema;
    case 'generated-shapes':
      return shapeDataSchema;
    case 'generated-digits':
    case 'mnist':
      return digitDataSchema;
  }
}

export const shapeDataSchema = imageDataSchema.parse({
  kind: 'image',
  height: PICTURE_SIDE,
  width: PICTURE_SIDE,
  channels: 3,
  labels: [...SHAPE_LABELS],
});

/** MNIST, and generated digits in its format. */
export const digitDataSchema = imageDataSchema.parse({
  kind: 'image',
  height: DIGIT_SIDE,
  width: DIGIT_SIDE,
  channels: 1,
  labels: [...DIGIT_LABELS],
});
