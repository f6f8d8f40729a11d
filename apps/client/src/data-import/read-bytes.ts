import { ImportRefused } from './imported.ts';

/** More than this in one file is refused: it would not fit a tab once its bytes became floats. */
export const MAXIMUM_FILE_BYTES = 512 * 1024 * 1024;

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The file's bytes, unpacked when they are gzip; unpacking stops at `limitBytes`, whatever the file claims. */
export async function readUnpacked(file: Blob, limitBytes = MAXIMUM_FILE_BYTES): Promise<Uint8Array> {
  if (file.size > limitBytes) throw new ImportRefused({ kind: 'file-too-large', limitBytes });
  // A file may have been moved, changed or locked since it was chosen.
  const content = await file.arrayBuffer().catch(() => {
    throw new ImportRefused({ kind: 'file-unreadable' });
  });
  return unpacked(new Uint8Array(content), limitBytes);
}

export async function unpacked(bytes: Uint8Array, limitBytes = MAXIMUM_FILE_BYTES): Promise<Uint8Array> {
  return isGzip(bytes) ? gunzip(bytes, limitBytes) : bytes;
}

async function gunzip(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ImportRefused({ kind: 'file-unreadable' });
    });
    if (done) return joinedBytes(pieces);
    total += value.length;
    if (total > limitBytes) {
      await reader.cancel();
      throw new ImportRefused({ kind: 'file-too-large', limitBytes });
    }
    pieces.push(value);
  }
}

export function joinedBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
