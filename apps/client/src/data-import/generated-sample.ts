/** Examples that the page makes up, for somebody who wants to take part without data of their own. */
import {
  type DataSchema,
  dataInputSize,
  type ImageDataSchema,
  integerBelow,
  type RandomSource,
  seededRandom,
  standardNormal,
  type TabularDataSchema,
  type TextDataSchema,
} from '@tributary/fl-core';
import type { ExampleBatch } from '@tributary/participant';
import { generateDigits, generateShapes, generateText, handwritingOf } from '@tributary/simulation';
import { createExampleBuilder } from './example-builder.ts';
import { canBeGenerated } from './sample-possible.ts';
import { readText } from './text.ts';

interface SampleRequest {
  readonly count: number;
  /** Another seed is another person: another hand, other rows. */
  readonly seed: string;
}

/** Null when such data cannot be made up. */
export function generatedSample(data: DataSchema, request: SampleRequest): ExampleBatch | null {
  if (!canBeGenerated(data)) return null;
  switch (data.kind) {
    case 'image':
      return pictures(data, request);
    case 'tabular':
      return rows(data, request);
    case 'text':
      return sentences(data, request);
  }
}

function pictures({ channels }: ImageDataSchema, { count, seed }: SampleRequest): ExampleBatch {
  const { images, labels } =
    channels === 3
      ? generateShapes({ count, seed, person: seed })
      : generateDigits({ count, seed, style: handwritingOf(seed) });
  return { inputs: images, rowSize: images.length / count, labels };
}

/**
 * Rows around the schema's means. The label follows one linear rule that is the same for everybody (it depends on
 * the schema only), with noise, so that there is something to learn together.
 */
function rows(data: TabularDataSchema, { count, seed }: SampleRequest): ExampleBatch {
  const width = dataInputSize(data);
  const random = seededRandom(`sample/${seed}`);
  const rule = seededRandom(`sample-rule/${data.labelColumn}`);
  const weights = data.labels.map(() => Float64Array.from({ length: width }, () => standardNormal(rule)));
  const inputs = new Float32Array(count * width);
  const labels = new Int32Array(count);
  for (let row = 0; row < count; row += 1) {
    const input = inputs.subarray(row * width, (row + 1) * width);
    fillRow(input, data, random);
    const scores = weights.map((weight) => input.reduce((sum, value, i) => sum + value * weight[i]!, 0));
    labels[row] = indexOfLargest(scores.map((score) => score + 0.3 * standardNormal(random)));
  }
  return { inputs, rowSize: width, labels };
}

function fillRow(input: Float32Array, data: TabularDataSchema, random: RandomSource): void {
  let offset = 0;
  for (const column of data.columns) {
    if (column.kind === 'number') {
      input[offset] = standardNormal(random);
      offset += 1;
    } else {
      input[offset + integerBelow(random, column.categories.length)] = 1;
      offset += column.categories.length;
    }
  }
}

const indexOfLargest = (values: readonly number[]) => values.indexOf(Math.max(...values));

function sentences(data: TextDataSchema, { count, seed }: SampleRequest): ExampleBatch | null {
  const text = generateText({ seed, characters: count * data.sequenceLength + 1 });
  const examples = createExampleBuilder(data);
  readText(new TextEncoder().encode(text), data, { examples });
  return examples.finish();
}
