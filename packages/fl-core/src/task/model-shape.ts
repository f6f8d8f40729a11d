/** The shapes of a specified model. Apart from its schema, so that a worker that only trains loads no validator. */
import type { BlobHash } from '../identifiers.ts';
import type { TensorShape } from '../parameters.ts';
import type { CharacterModelSpec, ModelSpec } from './model.ts';
import { baseTensors, frozenTensors, parameterTensors } from './parameter-tensors.ts';

/** Shape of one example as the model reads it. */
export function modelInputShape(model: ModelSpec): TensorShape {
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp':
      return [model.inputSize];
    case 'mcmahan-cnn':
    case 'separable-cnn':
      return [model.height, model.width, model.channels];
    case 'char-gru':
    case 'char-transformer':
      return [model.sequenceLength];
    case 'layers':
      return model.inputShape;
  }
}

export function modelClasses(model: ModelSpec): number {
  return isCharacterModel(model) ? model.vocabularySize : model.classes;
}

/** Labels per example: the sequence length for a character model, else 1. */
export function labelsPerExample(model: ModelSpec): number {
  return isCharacterModel(model) ? model.sequenceLength : 1;
}

export function isCharacterModel(model: ModelSpec): model is CharacterModelSpec {
  return model.kind === 'char-gru' || model.kind === 'char-transformer';
}

/** Shapes of the trainable tensors, in the order of `parameterTensors`. */
export function parameterShapes(model: ModelSpec): readonly TensorShape[] {
  return parameterTensors(model).map(({ shape }) => shape);
}

/** Shapes of what an adapted model keeps as it is, in the order of `frozenTensors`; null for all others. */
export function frozenShapes(model: ModelSpec): readonly TensorShape[] | null {
  return frozenTensors(model)?.map(({ shape }) => shape) ?? null;
}

/** Shapes of what its base model's frame holds, in the order of `baseTensors`; null for models without adaptation. */
export function baseShapes(model: ModelSpec): readonly TensorShape[] | null {
  return baseTensors(model)?.map(({ shape }) => shape) ?? null;
}

/** The blob that holds the base of an adapted model; null for all others. */
export function baseModelOf(model: ModelSpec): BlobHash | null {
  if (model.kind !== 'char-transformer' || !model.adaptation) return null;
  return model.adaptation.baseModel as BlobHash;
}
