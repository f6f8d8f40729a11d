/** Plain text -> sequences of character indices, each with the next character as its label at every position. */
import type { TextDataSchema } from '@tributary/fl-core';
import type { ExampleBuilder } from './example-builder.ts';
import { ImportRefused } from './imported.ts';
import { textPieces } from './text-pieces.ts';

const PIECE_BYTES = 256 * 1024;

/** Sequences do not overlap. @throws ImportRefused `text-too-short` */
export function readText(
  bytes: Uint8Array,
  schema: TextDataSchema,
  { examples, onProgress = () => {} }: { examples: ExampleBuilder; onProgress?: () => void },
): void {
  const indexOf = new Map([...schema.alphabet].map((character, index) => [character, index]));
  const length = schema.sequenceLength;
  const before = examples.count;
  // One more than a sequence: the last character of each is only a label, and the first input of the next.
  let indices: number[] = [];
  for (const { text } of textPieces(bytes, PIECE_BYTES)) {
    for (const character of text) {
      indices.push(indexOf.get(character) ?? 0);
      if (indices.length <= length) continue;
      examples.blankRow().set(indices.slice(0, length));
      examples.keep(indices.slice(1));
      indices = [indices[length]!];
    }
    onProgress();
  }
  if (examples.count === before) throw new ImportRefused({ kind: 'text-too-short', needed: length + 1 });
}
