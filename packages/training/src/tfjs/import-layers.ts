/** A saved tfjs layers model as a model that a run can train: its specification, and its weights in the order of training. */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, models } from '@tensorflow/tfjs-layers';
import {
  type ExampleSet,
  MAXIMUM_PARAMETERS,
  type ModelSpec,
  type ParameterSet,
  parameterCount,
  type TensorShape,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';
import { openBackend } from '../backends/open-backend.ts';
import { readVariables } from './flat-parameters.ts';
import { trainWithTfjs } from './tfjs-training.ts';
import { readLogitsTopology } from './topology.ts';

export type LayersModelSpec = Extract<ModelSpec, { kind: 'layers' }>;

export interface SavedLayersModel {
  /** `modelTopology` of a `model.json`. */
  readonly topology: Record<string, unknown>;
  /** Of its `weightsManifest`, one after another. */
  readonly weights: readonly tf.io.WeightsManifestEntry[];
  /** What the shards hold, in the same order. */
  readonly weightData: ArrayBuffer;
}

export interface ImportedLayersModel {
  readonly model: LayersModelSpec;
  readonly parameters: ParameterSet;
}

/**
 * Reads it as `tf.loadLayersModel` would, and trains one step, because many a model can be read and not trained.
 * @throws TributaryError `model-unsupported`, `model-weights-invalid`
 */
export async function importLayersModel(saved: SavedLayersModel): Promise<ImportedLayersModel> {
  await openBackend('cpu', {});
  await tf.setBackend('cpu');
  const topology = bareTopology(saved.topology);
  const layers = await readModel(topology);
  try {
    const spec = specOf(layers, topology);
    loadWeights(layers, saved);
    const values = await readVariables(layers.trainableWeights.map((weight) => weight.read() as tf.Variable));
    if (!values.every(Number.isFinite)) throw invalid('a weight is not a finite number');
    const imported = { model: spec, parameters: { shapes: spec.parameterShapes, values } };
    await trainOneStep(imported);
    return imported;
  } finally {
    layers.dispose();
  }
}

/** Without how it was trained elsewhere. */
function bareTopology(topology: Record<string, unknown>): Record<string, unknown> {
  const bare = topology.model_config ?? topology.modelConfig ?? topology;
  return bare as Record<string, unknown>;
}

async function readModel(topology: Record<string, unknown>): Promise<LayersModel> {
  const logits = readLogitsTopology(topology);
  try {
    return await models.modelFromJSON(logits as Parameters<typeof models.modelFromJSON>[0]);
  } catch (error) {
    throw unsupported(`tfjs cannot read this topology: ${firstLine(error)}`);
  }
}

function specOf(layers: LayersModel, topology: Record<string, unknown>): LayersModelSpec {
  if (layers.inputs.length !== 1 || layers.outputs.length !== 1)
    throw unsupported('a model needs exactly one input and one output');
  if (layers.nonTrainableWeights.length > 0) {
    throw unsupported(
      'the model keeps values outside its trainable parameters (batch normalisation, or a frozen layer)',
    );
  }
  const inputShape = exampleShape(layers.inputs[0]!.shape, 'input');
  const [classes, ...more] = exampleShape(layers.outputs[0]!.shape, 'output');
  if (classes === undefined || classes < 2 || more.length > 0)
    throw unsupported('the output must be one score for each of at least two classes');
  const parameterShapes = layers.trainableWeights.map(({ shape }) => shape as number[]);
  const size = parameterCount(parameterShapes);
  if (size === 0) throw unsupported('the model has nothing to train');
  if (size > MAXIMUM_PARAMETERS)
    throw unsupported(`${size} parameters are more than the ${MAXIMUM_PARAMETERS} that a tab can hold`);
  return { kind: 'layers', topology, inputShape: [...inputShape], classes, parameterShapes };
}

function exampleShape(shape: readonly (number | null)[], which: 'input' | 'output'): TensorShape {
  const sizes = shape.slice(1);
  if (sizes.every((size) => size !== null)) return sizes as number[];
  throw unsupported(`the ${which} of a model needs fixed sizes, not [${sizes.map((size) => size ?? 'any')}]`);
}

/** By name, and strictly: none is missing, none is left over, each has its shape. */
function loadWeights(layers: LayersModel, { weights, weightData }: SavedLayersModel): void {
  const before = new Set(layers.weights.map((weight) => weight.originalName));
  if (before.size !== layers.weights.length) throw invalid('two weights have the same name');
  tf.tidy(() => {
    try {
      layers.loadWeights(tf.io.decodeWeights(weightData, [...weights]), true);
    } catch (error) {
      throw invalid(`the weights do not fit the topology: ${firstLine(error)}`);
    }
  });
}

async function trainOneStep({ model, parameters }: ImportedLayersModel): Promise<void> {
  // Zeros are an example for every layer, also for one that looks words up.
  const example: ExampleSet = {
    count: 1,
    inputShape: model.inputShape,
    inputs: new Float32Array(tensorSize(model.inputShape)),
    labelsPerExample: 1,
    labels: new Int32Array(1),
  };
  const train = async (backend: 'wasm' | 'cpu'): Promise<void> => {
    const opened = await openBackend(backend, {});
    if (!opened.usable) throw new Error(opened.reason);
    await trainWithTfjs({
      model,
      initial: parameters,
      examples: example,
      training: {
        optimiser: { kind: 'sgd', learningRate: 1e-6 },
        epochs: 1,
        batchSize: 1,
        maximumExamples: 1,
      },
      seed: 'import',
    });
  };
  try {
    // The slow backend knows a few operations more.
    await train('wasm').catch(() => train('cpu'));
  } catch (error) {
    throw unsupported(`tfjs cannot train this model: ${firstLine(error)}`);
  } finally {
    await tf.setBackend('cpu');
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
const unsupported = (message: string) => new TributaryError('model-unsupported', message);
const invalid = (message: string) => new TributaryError('model-weights-invalid', message);
