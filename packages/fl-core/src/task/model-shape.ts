/** The shapes of a specified model. Apart from its schema, so that a worker that only trains loads no validator. */
import type { TensorShape } from '../parameters.ts';
import type { DenseModelSpec, ModelSpec } from './model.ts';

/** Shape of one example as the model reads it. */
export function modelInputShape(model: ModelSpec): TensorShape {
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp':
      return [model.inputSize];
    case 'mcmahan-cnn':
      return [model.height, model.width, model.channels];
    case 'char-gru':
      return [model.sequenceLength];
    case 'layers':
      return model.inputShape;
  }
}

export function modelClasses(model: ModelSpec): number {
  return model.kind === 'char-gru' ? model.vocabularySize : model.classes;
}

/** Labels per example: the sequence length for a character model, else 1. */
export function labelsPerExample(model: ModelSpec): number {
  return model.kind === 'char-gru' ? model.sequenceLength : 1;
}

/** Widths of a dense model from input to output, e.g. `[784, 200, 200, 10]`. */
export function denseWidths(model: DenseModelSpec): readonly number[] {
  const hidden = model.kind === 'mlp' ? model.hidden : [];
  return [model.inputSize, ...hidden, model.classes];
}

/** Shapes of the trainable tensors, kernel before bias, in layer order: the order of tfjs layers. */
export function parameterShapes(model: ModelSpec): readonly TensorShape[] {
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp': {
      const widths = denseWidths(model);
      return widths.slice(1).flatMap((width, layer) => [[widths[layer]!, width], [width]]);
    }
    case 'mcmahan-cnn': {
      const pooled = Math.floor(model.height / 4) * Math.floor(model.width / 4) * 64;
      return [
        [5, 5, model.channels, 32],
        [32],
        [5, 5, 32, 64],
        [64],
        [pooled, 512],
        [512],
        [512, model.classes],
        [model.classes],
      ];
    }
    case 'char-gru':
      return [
        [model.vocabularySize, 3 * model.units],
        [model.units, 3 * model.units],
        [3 * model.units],
        [model.units, model.vocabularySize],
        [model.vocabularySize],
      ];
    case 'layers':
      return model.parameterShapes;
  }
}
