import { type ExampleSet, type TextDataSchema, TributaryError } from '@tributary/fl-core';

/**
 * Text as a trainer reads it: sequences that do not overlap, each with the next character as its label at every place.
 * @throws TributaryError `data-invalid` when there is not one whole sequence
 */
export function textExamples(text: string, { alphabet, sequenceLength }: TextDataSchema): ExampleSet {
  const indexOf = new Map([...alphabet].map((character, index) => [character, index]));
  const indices = Array.from(text, (character) => indexOf.get(character) ?? 0);
  // The last character of each sequence is only a label, and the first input of the next.
  const count = Math.floor((indices.length - 1) / sequenceLength);
  if (count < 1) {
    throw new TributaryError('data-invalid', `${indices.length} characters are too few for one sequence`);
  }
  const size = count * sequenceLength;
  return {
    count,
    inputShape: [sequenceLength],
    inputs: Float32Array.from(indices.slice(0, size)),
    labelsPerExample: sequenceLength,
    labels: Int32Array.from(indices.slice(1, size + 1)),
  };
}
