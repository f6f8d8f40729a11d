/** What every trainer checks before the first batch, so that a wrong request fails with words and not with NaN. */
import {
  type AnyTrainRequest,
  type EvaluateRequest,
  type ExampleSet,
  frozenShapes,
  isCharacterModel,
  labelsPerExample,
  type ModelSpec,
  modelClasses,
  modelInputShape,
  type ParameterSet,
  parameterCount,
  parameterShapes,
  sameShapes,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';

/** @throws TributaryError `data-invalid` */
export function checkTrainRequest(request: AnyTrainRequest): void {
  // Those of a stream are checked when they are read.
  if ('inputs' in request.examples) checkExamples(request.model, request.examples);
  checkParameters(request.model, request.initial);
  checkFrozen(request.model, request.frozen);
  const { resumeFrom, initial } = request;
  if (resumeFrom === undefined) return;
  const tensors = [resumeFrom.parameters, ...resumeFrom.optimiserState];
  const expected = 1 + momentsOf(request.training.optimiser.kind);
  if (tensors.length !== expected || tensors.some((tensor) => tensor.length !== initial.values.length)) {
    throw new TributaryError('data-invalid', 'the checkpoint belongs to another model or optimiser');
  }
}

/** @throws TributaryError `data-invalid` */
export function checkEvaluateRequest(request: EvaluateRequest): void {
  checkExamples(request.model, request.examples);
  checkParameters(request.model, request.parameters);
  checkFrozen(request.model, request.frozen);
}

/** How many vectors of the model's size an optimiser remembers between steps. */
export function momentsOf(kind: 'sgd' | 'momentum' | 'adam'): number {
  return { sgd: 0, momentum: 1, adam: 2 }[kind];
}

function checkParameters(model: ModelSpec, parameters: ParameterSet): void {
  const shapes = parameterShapes(model);
  if (!sameShapes(shapes, parameters.shapes) || parameterCount(shapes) !== parameters.values.length) {
    throw new TributaryError(
      'data-invalid',
      `the parameters do not have the shapes of a ${model.kind} model`,
    );
  }
}

function checkFrozen(model: ModelSpec, frozen: ParameterSet | undefined): void {
  const shapes = frozenShapes(model);
  if (shapes === null && frozen === undefined) return;
  if (shapes === null) {
    throw new TributaryError('data-invalid', `a ${model.kind} model without adaptation has no base model`);
  }
  if (frozen === undefined) {
    throw new TributaryError('data-invalid', 'the base model that the adapters belong to is missing');
  }
  if (!sameShapes(shapes, frozen.shapes) || parameterCount(shapes) !== frozen.values.length) {
    throw new TributaryError('data-invalid', 'the base model does not have the shapes that are adapted');
  }
}

/** @throws TributaryError `data-invalid` */
export function checkExamples(model: ModelSpec, examples: ExampleSet): void {
  const { count, inputs, labels } = examples;
  const rowSize = tensorSize(modelInputShape(model));
  const labelsPerRow = labelsPerExample(model);
  if (!Number.isInteger(count) || count < 1)
    throw new TributaryError('data-invalid', 'there are no examples');
  if (tensorSize(examples.inputShape) !== rowSize || inputs.length !== count * rowSize) {
    throw new TributaryError('data-invalid', `the model reads ${rowSize} values per example`);
  }
  if (examples.labelsPerExample !== labelsPerRow || labels.length !== count * labelsPerRow) {
    throw new TributaryError('data-invalid', `the model needs ${labelsPerRow} labels per example`);
  }
  const classes = modelClasses(model);
  if (!labels.every((label) => label >= 0 && label < classes)) {
    throw new TributaryError('data-invalid', `a label lies outside 0..${classes - 1}`);
  }
  if (
    isCharacterModel(model) &&
    !inputs.every((token) => Number.isInteger(token) && token >= 0 && token < classes)
  ) {
    throw new TributaryError('data-invalid', `a character lies outside 0..${classes - 1}`);
  }
}

/** @throws TributaryError `training-diverged` */
export function checkFinite(values: Float32Array): void {
  // By the bits, which is many times faster: infinities and NaN have an exponent of ones.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i += 1) {
    if ((bits[i] & EXPONENT) === EXPONENT) throw diverged();
  }
}

/** Of a float32. */
const EXPONENT = 0x7f80_0000;

export function diverged(): TributaryError {
  return new TributaryError(
    'training-diverged',
    'training ran away to infinite values; a smaller learning rate may help',
  );
}
