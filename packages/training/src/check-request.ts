/** What every trainer checks before the first batch, so that a wrong request fails with words and not with NaN. */
import {
  type AnyTrainRequest,
  type EvaluateRequest,
  type ExampleSet,
  type ExampleStream,
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
import { isStream } from './streaming/is-stream.ts';

/** @throws TributaryError `data-invalid` */
export function checkTrainRequest(request: AnyTrainRequest): void {
  if (isStream(request.examples)) checkStream(request.model, request.examples);
  else checkExamples(request.model, request.examples);
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

/** What a stream says of itself; its examples are checked when they are read. @throws TributaryError `data-invalid` */
function checkStream(model: ModelSpec, stream: ExampleStream): void {
  checkShape(model, stream);
  if (stream.portionSizes.reduce((sum, size) => sum + size, 0) !== stream.count) {
    throw new TributaryError('data-invalid', `the portions do not add up to ${stream.count} examples`);
  }
}

/** @throws TributaryError `data-invalid` */
export function checkPortion(model: ModelSpec, examples: ExampleSet, size: number): void {
  checkExamples(model, examples);
  if (examples.count !== size) {
    throw new TributaryError('data-invalid', `a portion of ${size} examples came with ${examples.count}`);
  }
}

/** @throws TributaryError `data-invalid` */
function checkExamples(model: ModelSpec, examples: ExampleSet): void {
  checkShape(model, examples);
  const { count, inputs, labels } = examples;
  const labelsPerRow = labelsPerExample(model);
  if (inputs.length !== count * tensorSize(examples.inputShape) || labels.length !== count * labelsPerRow) {
    throw new TributaryError('data-invalid', `there are not the values and labels of ${count} examples`);
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

type Shaped = Pick<ExampleSet, 'count' | 'inputShape' | 'labelsPerExample'>;

function checkShape(model: ModelSpec, { count, inputShape, labelsPerExample: labelsPerRow }: Shaped): void {
  const rowSize = tensorSize(modelInputShape(model));
  if (!Number.isInteger(count) || count < 1)
    throw new TributaryError('data-invalid', 'there are no examples');
  if (tensorSize(inputShape) !== rowSize) {
    throw new TributaryError('data-invalid', `the model reads ${rowSize} values per example`);
  }
  if (labelsPerRow !== labelsPerExample(model)) {
    throw new TributaryError('data-invalid', `the model needs ${labelsPerExample(model)} labels per example`);
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
