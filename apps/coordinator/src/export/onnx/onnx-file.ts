/** The file, in pieces with the event loop in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Encoded } from './protobuf.ts';

export async function* onnxFile({ parts }: Encoded): AsyncGenerator<Uint8Array> {
  let small: Uint8Array[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array && part.length < 4096) {
      small.push(part);
      continue;
    }
    yield Buffer.concat(small);
    small = [];
    for (const piece of part instanceof Uint8Array ? [part] : part.pieces()) {
      yield piece;
      await nextTurn();
    }
  }
  yield Buffer.concat(small);
}
