import {
  type ExampleSet,
  type ExampleStream,
  labelsPerExample,
  modelInputShape,
  type TaskManifest,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';

/** The same values in the shape in which the model reads them: a dense model takes an image as one row. */
export function fitToModel<Examples extends ExampleSet | ExampleStream>(
  examples: Examples,
  { model }: Pick<TaskManifest, 'model'>,
): Examples {
  const inputShape = modelInputShape(model);
  const isFitting =
    tensorSize(inputShape) === tensorSize(examples.inputShape) &&
    labelsPerExample(model) === examples.labelsPerExample;
  if (!isFitting)
    throw new TributaryError('data-invalid', 'the examples do not have the shape that the model reads');
  if (examples.count === 0) throw new TributaryError('data-missing', 'there are no examples to train on');
  if (!('portionSizes' in examples)) return { ...examples, inputShape };
  const read = async (portion: number): Promise<ExampleSet> => ({
    ...(await examples.read(portion)),
    inputShape,
  });
  return { ...examples, inputShape, read };
}
