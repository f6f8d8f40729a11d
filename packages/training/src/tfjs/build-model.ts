/** Builds the tfjs model that somebody uploaded; its output is always logits. */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, models } from '@tensorflow/tfjs-layers';
import {
  type ModelSpec,
  modelClasses,
  parameterShapes,
  sameShapes,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';
import { registerResizeGradients } from './resize-gradients.ts';
import { readLogitsTopology } from './topology.ts';

registerResizeGradients();

type LayersModelSpec = Extract<ModelSpec, { kind: 'layers' }>;

export interface BuiltModel {
  /** In the order of `parameterShapes`. */
  readonly variables: readonly tf.Variable[];
  /** As saved models name them, e.g. `dense1/kernel`; in the same order. */
  readonly weightNames: readonly string[];
  /** One row of `classes` logits per label; `step` seeds dropout while training, null evaluates. */
  logits(inputs: Float32Array, count: number, step: number | null): tf.Tensor2D;
  dispose(): void;
}

/** @throws TributaryError `model-unsupported` */
export async function buildModel(spec: ModelSpec): Promise<BuiltModel> {
  if (spec.kind !== 'layers') {
    throw new TributaryError('model-unsupported', `tfjs trains uploaded models here, not ${spec.kind}`);
  }
  const model = await uploadedModel(spec.topology);
  try {
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    checkWeights(spec, model, variables);
    const classes = modelClasses(spec);
    return {
      variables,
      weightNames: model.trainableWeights.map((weight) => weight.originalName),
      logits(inputs, count, step) {
        if (step !== null) seedDropout(model, step);
        const output = model.apply(inputTensor(spec, inputs, count), { training: step !== null });
        return tf.reshape(output as tf.Tensor, [-1, classes]);
      },
      dispose: () => model.dispose(),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function uploadedModel(topology: Record<string, unknown>): Promise<LayersModel> {
  const logitsTopology = readLogitsTopology(topology);
  try {
    return await models.modelFromJSON(logitsTopology as Parameters<typeof models.modelFromJSON>[0]);
  } catch (error) {
    throw new TributaryError('model-unsupported', 'tfjs cannot read this model topology', { cause: error });
  }
}

function checkWeights(spec: ModelSpec, model: LayersModel, variables: readonly tf.Variable[]): void {
  if (model.nonTrainableWeights.length > 0) {
    throw new TributaryError(
      'model-unsupported',
      'the model keeps values outside its trainable parameters (batch normalisation, or a frozen layer)',
    );
  }
  if (
    !sameShapes(
      parameterShapes(spec),
      variables.map((variable) => variable.shape),
    )
  ) {
    throw new TributaryError('model-unsupported', 'the topology does not have the declared parameter shapes');
  }
}

function inputTensor({ inputShape }: LayersModelSpec, inputs: Float32Array, count: number): tf.Tensor {
  if (inputs.length !== count * tensorSize(inputShape)) throw new Error('inputs do not fill the batch');
  return tf.tensor(inputs, [count, ...inputShape]);
}

/** Layers with a `seed` (dropout) draw the same mask each time they are called, so the seed must move on. */
function seedDropout(model: LayersModel, step: number): void {
  model.layers.forEach((layer, index) => {
    if ('seed' in layer) (layer as { seed: unknown }).seed = step * 1009 + index + 1;
  });
}
