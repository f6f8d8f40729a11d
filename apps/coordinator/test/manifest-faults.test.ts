/** A manifest with a fault in each field, one at a time: the answer names that very field. */
import { manifestSchema, parseManifest, problemSchema, type TaskManifestInput } from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';

type Json = Record<string, unknown>;
type Path = readonly string[];

const MLP: Json = {
  manifestVersion: 1,
  name: 'whole',
  description: 'every field of it is here',
  seed: 'seed',
  model: { kind: 'mlp', inputSize: 3, hidden: [4], classes: 2 },
  data: {
    kind: 'tabular',
    columns: [
      { kind: 'number', name: 'age', mean: 40, deviation: 10 },
      { kind: 'category', name: 'sex', categories: ['f', 'm'] },
    ],
    labelColumn: 'income',
    labels: ['low', 'high'],
  },
  training: {
    optimiser: { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-7 },
    epochs: 1,
    batchSize: 10,
    maximumExamples: 100,
    exampleClipping: { clippingNorm: 1, microbatchSize: 2 },
    dataEchoing: { maximumFactor: 4 },
    precision: 'mixed',
  },
  rounds: {
    committedRounds: 2,
    reportGoal: 3,
    overSelection: 1,
    minimumSurvivors: 2,
    selectionSeconds: 1,
    trainingSeconds: 20,
    reportingSeconds: 10,
    rejoinSeconds: 5,
    comeBackSeconds: 1,
  },
  aggregation: {
    weighting: 'examples',
    maximumWeight: 100,
    valueBound: 8,
    serverOptimiser: { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  },
  privacy: { mode: 'none', clippingNorm: 1 },
  compression: { codec: 'float32' },
  downlink: { codec: 'float32' },
  eligibility: { minimumExamples: 1 },
  secureAggregation: { mode: 'off' },
};
const IMAGES = { kind: 'image', height: 8, width: 8, channels: 1, labels: ['a', 'b'] };
const FED = { feedback: { mode: 'on', expiresAfterRounds: 5 } };
const sgd = { kind: 'sgd', learningRate: 1, momentum: 0.5 };

/** One for every variant of model, data and optimisers, so that every field of the schema is in one of them. */
const WHOLE: Record<string, Json> = {
  'a table for an MLP': MLP,
  'images for the CNN': {
    ...MLP,
    model: { kind: 'mcmahan-cnn', height: 8, width: 8, channels: 1, classes: 2 },
    data: IMAGES,
    training: {
      ...(MLP.training as Json),
      optimiser: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
    },
    aggregation: { ...(MLP.aggregation as Json), serverOptimiser: sgd },
    compression: { codec: 'eden', bits: 2, fraction: 0.5, adaptive: true, ...FED },
    downlink: { codec: 'grid', bits: 5 },
  },
  'images for softmax regression': {
    ...MLP,
    model: { kind: 'softmax-regression', inputSize: 64, classes: 2 },
    data: IMAGES,
    training: { ...(MLP.training as Json), optimiser: { kind: 'sgd', learningRate: 0.1 } },
    compression: {
      ...{ codec: 'top-k', fraction: 0.1, valueBits: 4, momentum: 0.9, warmUpRounds: 2 },
      ...FED,
    },
    downlink: { codec: 'lossless' },
  },
  'colour images for the separable network': {
    ...MLP,
    model: {
      kind: 'separable-cnn',
      height: 8,
      width: 8,
      channels: 3,
      stemFilters: 4,
      blocks: [{ filters: 6, stride: 2 }],
      classes: 2,
    },
    data: { ...IMAGES, channels: 3 },
    compression: { codec: 'power-sgd', rank: 2, ...FED },
  },
  'text for an adapted transformer': {
    ...MLP,
    model: {
      kind: 'char-transformer',
      vocabularySize: 3,
      sequenceLength: 5,
      width: 8,
      heads: 2,
      blocks: 1,
      adaptation: { kind: 'lora', rank: 2, scale: 0.5, baseModel: 'ab'.repeat(32), trains: 'b' },
    },
    data: { kind: 'text', alphabet: 'abc', sequenceLength: 5 },
    compression: {
      ...{ codec: 'tuned', ringBits: 10, wrapProbability: 1e-4, firstNorm: 2, rounding: 'stochastic' },
      ...{ sampling: { kind: 'low-rank', rank: 2 }, rotation: 'blocks' },
      ...FED,
    },
  },
  'text for the character model': {
    ...MLP,
    model: { kind: 'char-gru', vocabularySize: 3, sequenceLength: 5, units: 4 },
    data: { kind: 'text', alphabet: 'abc', sequenceLength: 5 },
    compression: { codec: 'truncated', mantissaBits: 7, ...FED },
  },
  'images for a sum in secret': {
    ...MLP,
    model: { kind: 'softmax-regression', inputSize: 64, classes: 2 },
    data: IMAGES,
    rounds: { ...(MLP.rounds as Json), reportGoal: 10, minimumSurvivors: 5 },
    compression: {
      ...{ codec: 'quantised', valueBits: 12, bound: 0.5, ring: 'proven', rounding: 'dithered' },
      ...{ sampling: { kind: 'random-k', fraction: 0.5 }, rotation: 'none', feedback: { mode: 'off' } },
    },
    secureAggregation: {
      mode: 'sa-1',
      corruptFraction: 0.1,
      dropoutFraction: 0.2,
      adversary: 'semi-honest',
      graph: 'complete',
      stageSeconds: 20,
    },
  },
  'images for a layers model': {
    ...MLP,
    initialModel: 'cd'.repeat(32),
    model: {
      kind: 'layers',
      topology: {},
      inputShape: [8, 8, 1],
      classes: 2,
      parameterShapes: [[64, 2], [2]],
    },
    data: IMAGES,
    training: { ...(MLP.training as Json), exampleClipping: undefined },
    compression: { codec: 'codebook', bits: 3, ...FED },
  },
};

/** Each field once: what a table has in common with an earlier one is not asked again. */
const EVERY_FIELD = Object.entries(WHOLE).flatMap(([name, manifest], index, all) =>
  pathsOf(manifest)
    .filter((path) => {
      const said = JSON.stringify(valueAt(manifest, path));
      return !all.slice(0, index).some(([, earlier]) => JSON.stringify(valueAt(earlier, path)) === said);
    })
    .map((path) => ({ name, manifest, path, field: path.join('.') })),
);

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
});
afterAll(() => coordinator.close());

async function create(manifest: unknown): Promise<{ status: number; code: string; message: string }> {
  const response = await fetch(`${coordinator.url}/v1/admin/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${coordinator.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ manifest }),
  });
  return { status: response.status, ...problemSchema.parse(await response.json()) };
}

describe('[M-1] the operator is told which field is wrong', () => {
  test.each(Object.entries(WHOLE))('%s is a manifest as it stands, with every field said', (_, manifest) => {
    // Nothing was filled in: otherwise a field would be missing in these tables.
    expect(parseManifest(manifest)).toEqual(manifest);
  });

  test('the tables have every field that the schema has', () => {
    const known = new Set(
      EVERY_FIELD.map(({ path }) => path.filter((part) => !/^\d+$/.test(part)).join('.')),
    );
    const missing = fieldsOf(manifestSchema._zod.def as unknown as Definition).filter(
      (field) => !known.has(field),
    );
    expect(missing).toEqual([]);
  });

  test.each(EVERY_FIELD)('$name: $field of another type', async ({ manifest, path, field }) => {
    const wrong = typeof valueAt(manifest, path) === 'boolean' ? 'yes' : false;
    const { status, code, message } = await create(withField(manifest, path, wrong));
    expect({ status, code }).toEqual({ status: 422, code: 'manifest-invalid' });
    expect(message.split(': ')[0]).toBe(field);
  });

  const required = EVERY_FIELD.filter(({ manifest, path }) => {
    return !manifestSchema.safeParse(withField(manifest, path, undefined)).success;
  });
  test.each(required)('$name: without $field', async ({ manifest, path, field }) => {
    const { status, message } = await create(withField(manifest, path, undefined));
    expect(status).toBe(422);
    // An element that is left out of a list is a list that is too short, or the next one in its place.
    const list = path.slice(0, -1).join('.');
    expect([field, list]).toContain(message.split(': ')[0]);
  });

  const objects = EVERY_FIELD.filter(({ manifest, path }) => isObject(valueAt(manifest, path)));
  test.each(objects)('$name: an unknown field in $field', async ({ manifest, path, field }) => {
    if (field === 'model.topology') return; // Theirs: tfjs decides what is in it.
    const { status, message } = await create(withField(manifest, [...path, 'surprise'], 1));
    expect(status).toBe(422);
    expect(message).toContain(`${field}: `);
    expect(message).toContain('surprise');
  });

  test.each([
    ['manifestVersion', 2],
    ['name', ''],
    ['name', 'x'.repeat(121)],
    ['description', 'x'.repeat(2001)],
    ['seed', ''],
    ['model.kind', 'transformer'],
    ['model.inputSize', 0],
    ['model.inputSize', 2.5],
    ['model.hidden', []],
    ['model.hidden.0', 0],
    ['model.classes', 1],
    ['data.kind', 'video'],
    ['data.columns', []],
    ['data.columns.0.deviation', 0],
    ['data.columns.1.categories', []],
    ['data.labels', ['one']],
    ['training.optimiser.learningRate', 0],
    ['training.optimiser.beta1', 1],
    ['training.epochs', 0],
    ['training.batchSize', -1],
    ['training.maximumExamples', 0.5],
    ['training.exampleClipping.clippingNorm', 0],
    ['training.exampleClipping.microbatchSize', 0],
    ['training.dataEchoing.maximumFactor', 1],
    ['training.precision', 'float16'],
    ['rounds.committedRounds', 0],
    ['rounds.reportGoal', 0],
    ['rounds.overSelection', 0.9],
    ['rounds.overSelection', 11],
    ['rounds.minimumSurvivors', 0],
    ['rounds.selectionSeconds', 0],
    ['rounds.trainingSeconds', 7 * 24 * 3600 + 1],
    ['rounds.reportingSeconds', -1],
    ['rounds.rejoinSeconds', 0],
    ['rounds.comeBackSeconds', 0],
    ['aggregation.weighting', 'fame'],
    ['aggregation.maximumWeight', 0],
    ['aggregation.valueBound', 0],
    ['aggregation.serverOptimiser.kind', 'lbfgs'],
    ['aggregation.serverOptimiser.tau', 0],
    ['privacy.mode', 'central'],
    ['privacy.clippingNorm', 0],
    ['compression.codec', 'gzip'],
    ['eligibility.minimumExamples', 0],
    ['secureAggregation.mode', 'on'],
    ['downlink.codec', 'gzip'],
  ])('%s out of its range: %j', async (field, value) => {
    const { status, code, message } = await create(withField(MLP, field.split('.'), value));
    expect({ status, code }).toEqual({ status: 422, code: 'manifest-invalid' });
    expect(message.split(': ')[0]).toBe(field);
  });

  test.each([
    ['compression.valueBits', 1],
    ['compression.valueBits', 25],
    ['compression.bound', 0],
    ['compression.ring', 'lucky'],
    ['secureAggregation.corruptFraction', 1],
    ['secureAggregation.dropoutFraction', -0.1],
    ['secureAggregation.adversary', 'malicious'],
    ['secureAggregation.graph', 'star'],
    ['secureAggregation.stageSeconds', 0],
  ])('of a sum in secret, %s out of its range: %j', async (field, value) => {
    const { status, code, message } = await create(
      withField(WHOLE['images for a sum in secret']!, field.split('.'), value),
    );
    expect({ status, code }).toEqual({ status: 422, code: 'manifest-invalid' });
    expect(message.split(': ')[0]).toBe(field);
  });

  test.each([
    ['images for softmax regression', 'compression.fraction', 0],
    ['images for softmax regression', 'compression.fraction', 1.1],
    ['images for softmax regression', 'compression.valueBits', 9],
    ['images for softmax regression', 'compression.momentum', 1],
    ['images for softmax regression', 'compression.warmUpRounds', -1],
    ['images for softmax regression', 'compression.feedback.expiresAfterRounds', 0],
    ['images for the CNN', 'compression.bits', 5],
    ['images for the CNN', 'downlink.bits', 3],
    ['colour images for the separable network', 'compression.rank', 65],
    ['text for an adapted transformer', 'compression.ringBits', 33],
    ['text for an adapted transformer', 'compression.wrapProbability', 0.1],
    ['text for an adapted transformer', 'compression.firstNorm', 0],
    ['text for an adapted transformer', 'compression.sampling.rank', 0],
    ['text for an adapted transformer', 'compression.rotation', 'twice'],
    ['text for an adapted transformer', 'model.adaptation.trains', 'a'],
    ['text for the character model', 'compression.mantissaBits', 23],
  ] as const)('of %s, %s out of its range: %j', async (name, field, value) => {
    const { status, code, message } = await create(withField(WHOLE[name]!, field.split('.'), value));
    expect({ status, code }).toEqual({ status: 422, code: 'manifest-invalid' });
    expect(message.split(': ')[0]).toBe(field);
  });

  test.each([[null], [[]], ['text'], [7]])('no manifest at all: %j', async (manifest) => {
    expect(await create(manifest)).toMatchObject({ status: 422, code: 'manifest-invalid' });
  });
});

describe('requests that are no question', () => {
  const post = (path: string, body: string | Uint8Array, type: string) =>
    fetch(`${coordinator.url}/v1/admin/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${coordinator.operatorToken}`, 'content-type': type },
      body: body as BodyInit,
    });
  test.each([
    ['runs', '{"manifest":', 'application/json'],
    ['runs', '[]', 'application/json'],
    ['runs', 'null', 'application/json'],
    ['runs', '"text"', 'application/json'],
    ['runs', '{"templateId":"digits-softmax","extra":1}', 'application/json'],
    ['runs', '{"templateId":7}', 'application/json'],
    ['runs', '{"__proto__":{"templateId":"digits-softmax"}}', 'application/json'],
    ['runs', '{"templateId":"digits-softmax"}', 'text/plain'],
    ['runs', 'templateId=digits-softmax', 'application/x-www-form-urlencoded'],
    ['runs', '<run/>', 'application/xml'],
    ['operators', '{"name":"","role":"owner"}', 'application/json'],
    ['operators', '{"name":"x","role":"emperor"}', 'application/json'],
    ['runs/run-00000000/rollback', '{"roundNumber":1.5}', 'application/json'],
    ['runs/run-00000000/rollback', '{}', 'application/json'],
  ])('POST %s of %s as %s', async (path, body, type) => {
    const response = await post(path, body, type);
    expect([response.status, problemSchema.parse(await response.json()).code]).toEqual([
      400,
      'message-malformed',
    ]);
  });

  test.each(['run-0', '%00', '..%2f..', "run-'--", 'x'.repeat(99)])('no run is named %s', async (runId) => {
    for (const path of [`runs/${runId}`, `runs/${runId}/log`, `runs/${runId}/export?format=card`]) {
      const response = await fetch(`${coordinator.url}/v1/admin/${path}`, {
        headers: { authorization: `Bearer ${coordinator.operatorToken}` },
      });
      expect([response.status, problemSchema.parse(await response.json()).code]).toEqual([
        404,
        'run-unknown',
      ]);
    }
  });

  test.each(['since=x', 'since=-1', 'since=1&since=2', 'until=1'])('?%s is malformed', async (query) => {
    const response = await fetch(`${coordinator.url}/v1/admin/runs/run-00000000?${query}`, {
      headers: { authorization: `Bearer ${coordinator.operatorToken}` },
    });
    expect([response.status, problemSchema.parse(await response.json()).code]).toEqual([
      400,
      'message-malformed',
    ]);
  });
});

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [
    ...(path.length > 0 ? [path] : []),
    ...below.flatMap(([key, part]) => pathsOf(part, [...path, key])),
  ];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((part, key) => (part as Json | undefined)?.[key], value);
}

/** A copy with another value there; `undefined` takes it out. */
function withField(manifest: Json, path: Path, value: unknown): TaskManifestInput {
  const copy = structuredClone(manifest);
  const parent = valueAt(copy, path.slice(0, -1));
  const key = path.at(-1)!;
  if (value !== undefined) (parent as Json)[key] = value;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Json)[key];
  return copy as TaskManifestInput;
}

interface Definition {
  readonly type: string;
  readonly shape?: Record<string, Schema>;
  readonly options?: readonly Schema[];
  readonly element?: Schema;
  readonly innerType?: Schema;
}
interface Schema {
  readonly _zod: { readonly def: Definition };
}

/** Dotted names of all fields, through unions, lists and defaults. */
function fieldsOf({ shape, options, element, innerType }: Definition, prefix = ''): string[] {
  const inside = (schema: Schema | undefined): string[] => (schema ? fieldsOf(schema._zod.def, prefix) : []);
  return [
    ...Object.entries(shape ?? {}).flatMap(([key, schema]) => {
      const name = prefix ? `${prefix}.${key}` : key;
      return [name, ...fieldsOf(schema._zod.def, name)];
    }),
    ...(options ?? []).flatMap(inside),
    ...inside(element),
    ...inside(innerType),
  ];
}
