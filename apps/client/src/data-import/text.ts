/** Plain text -> sequences of character indices, each with the next character as its label at every position. */
import type { TextDataSchema } from '@tributary/fl-core';
import { ImportRefused, type ParsedExamples } from './imported.ts';

/** Sequences do not overlap. @throws ImportRefused `text-too-short` */
export function examplesFromText(text: string, schema: TextDataSchema): ParsedExamples {
  const indexOf = new Map([...schema.alphabet].map((character, index) => [character, index]));
  const indices = [...text].map((character) => indexOf.get(character) ?? 0);
  const length = schema.sequenceLength;
  const count = Math.floor((indices.length - 1) / length);
  if (count < 1) throw new ImportRefused({ kind: 'text-too-short', needed: length + 1 });
  return {
    count,
    inputs: Float32Array.from(indices.slice(0, count * length)),
    labels: Int32Array.from(indices.slice(1, count * length + 1)),
    rejected: 0,
    rejections: [],
  };
}
