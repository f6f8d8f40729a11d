/** Bytes that are read one after another. Every function throws CodecError `codec-malformed` at their end. */
import { CodecError } from '../errors.ts';

export interface ByteSource {
  readonly bytes: Uint8Array;
  /** The first one that was not read. */
  at: number;
}

/** Sections are of less than 2^28 bytes. */
const LENGTH_BYTES = 4;

export function takeByte(source: ByteSource): number {
  return takeBytes(source, 1)[0]!;
}

/** @returns a view */
export function takeBytes(source: ByteSource, count: number): Uint8Array {
  if (count > source.bytes.length - source.at) throw malformed('the code ends too early');
  source.at += count;
  return source.bytes.subarray(source.at - count, source.at);
}

/** Bytes behind their number: seven bits of it in each byte, the lowest first, and a one while more follow. */
export function takeSection(source: ByteSource): Uint8Array {
  let length = 0;
  for (let place = 0; place < LENGTH_BYTES; place += 1) {
    const byte = takeByte(source);
    length |= (byte & 127) << (7 * place);
    if (byte < 128) return takeBytes(source, length);
  }
  throw malformed('a section is too long');
}

/** What `takeSection` reads. */
export function sectionOf(bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return joined([Uint8Array.from([...length, rest]), bytes]);
}

export function expectEnd({ bytes, at }: ByteSource): void {
  if (at !== bytes.length) throw malformed('there is something behind the code');
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const malformed = (message: string): CodecError => new CodecError('codec-malformed', message);
