/**
 * The little of protocol buffers that ONNX needs (protobuf.dev/programming-guides/encoding): each function gives one field.
 * Large contents are only pointed at, and go into the file piece by piece.
 */

/** Bytes that are made when they are written, so that a large tensor is never in memory twice. */
export interface LazyBytes {
  readonly length: number;
  pieces(): Iterable<Uint8Array>;
}
export type Part = Uint8Array | LazyBytes;

/** One or more fields. */
export interface Encoded {
  readonly length: number;
  readonly parts: readonly Part[];
}

export function integerField(field: number, value: number): Encoded {
  return encoded([key(field, 0), varint(value)]);
}

export function floatField(field: number, value: number): Encoded {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return encoded([key(field, 5), bytes]);
}

export function textField(field: number, text: string): Encoded {
  return bytesField(field, new TextEncoder().encode(text));
}

export function bytesField(field: number, content: Part): Encoded {
  return encoded([key(field, 2), varint(content.length), content]);
}

export function messageField(field: number, ...fields: readonly Encoded[]): Encoded {
  const content = message(...fields);
  return encoded([key(field, 2), varint(content.length), ...content.parts]);
}

/** Fields one after another: what a file is. */
export function message(...fields: readonly Encoded[]): Encoded {
  return encoded(fields.flatMap(({ parts }) => parts));
}

function encoded(parts: readonly Part[]): Encoded {
  return { length: parts.reduce((length, part) => length + part.length, 0), parts };
}

const key = (field: number, wireType: 0 | 2 | 5): Uint8Array => varint(field * 8 + wireType);

/** Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) + 128);
    rest >>= 7n;
  }
  return Uint8Array.of(...bytes, Number(rest));
}
