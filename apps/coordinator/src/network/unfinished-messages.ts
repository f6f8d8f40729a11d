/**
 * Ends connections that begin a WebSocket message and never finish it. What has arrived of it waits in memory, and no
 * heartbeat would tell: the next one is due only after half a minute. Reads the frame headers of RFC 6455, section
 * 5.2, beside the library that reads the whole frames.
 */
import type { Socket } from 'node:net';
import { LIMITS } from './limits.ts';

export interface UnfinishedMessages {
  /** From the first byte after the handshake. */
  watch(wire: Socket): void;
  close(): void;
}

export function watchUnfinishedMessages(clock: () => number = () => performance.now()): UnfinishedMessages {
  const begun = new Map<Socket, number>();
  const sweep = setInterval(() => {
    for (const [wire, since] of begun) {
      if (clock() - since > LIMITS.unfinishedMessageMs) wire.destroy();
    }
  }, LIMITS.checkEveryMs);
  sweep.unref();
  return {
    watch(wire) {
      const boundary = messageBoundary();
      wire.on('data', (chunk: Uint8Array) => {
        const { isInside, finished } = boundary(chunk);
        if (!isInside) begun.delete(wire);
        else if (finished || !begun.has(wire)) begun.set(wire, clock());
      });
      wire.once('close', () => begun.delete(wire));
    },
    close: () => clearInterval(sweep),
  };
}

/**
 * Told each chunk of a stream of frames; says whether the stream stands inside a message afterwards, and whether
 * another message ended in the chunk. Control frames between the fragments of a message end nothing.
 */
export function messageBoundary(): (chunk: Uint8Array) => { isInside: boolean; finished: boolean } {
  /** Bytes of the header in progress; a header has 2 to 14. */
  let header: number[] = [];
  let payloadLeft = 0;
  let isFragmented = false;

  return (chunk) => {
    let finished = false;
    let at = 0;
    const endFrame = (): void => {
      const isControl = ((header[0] ?? 0) & 0x08) !== 0;
      const isLast = ((header[0] ?? 0) & 0x80) !== 0;
      if (!isControl) {
        isFragmented = !isLast;
        if (isLast) finished = true;
      }
      header = [];
    };
    while (at < chunk.length) {
      if (payloadLeft > 0) {
        const taken = Math.min(payloadLeft, chunk.length - at);
        payloadLeft -= taken;
        at += taken;
        if (payloadLeft === 0) endFrame();
        continue;
      }
      header.push(chunk[at]!);
      at += 1;
      if (header.length < headerLength(header)) continue;
      payloadLeft = payloadLength(header);
      if (payloadLeft === 0) endFrame();
    }
    return { isInside: isFragmented || header.length > 0, finished };
  };
}

function headerLength(header: readonly number[]): number {
  if (header.length < 2) return 2;
  const length = header[1]! & 0x7f;
  const mask = (header[1]! & 0x80) === 0 ? 0 : 4;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + mask;
}

function payloadLength(header: readonly number[]): number {
  const short = header[1]! & 0x7f;
  if (short < 126) return short;
  // Not exact beyond 2^53, where the library has closed the connection long ago.
  return header.slice(2, short === 127 ? 10 : 4).reduce((length, byte) => length * 256 + byte, 0);
}
