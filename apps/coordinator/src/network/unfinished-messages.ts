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
      const boundary = new MessageBoundary();
      wire.on('data', (chunk: Uint8Array) => {
        const hasEnded = boundary.read(chunk);
        if (!boundary.isInside) begun.delete(wire);
        else if (hasEnded || !begun.has(wire)) begun.set(wire, clock());
      });
      wire.on('close', () => void begun.delete(wire));
    },
    close: () => clearInterval(sweep),
  };
}

/**
 * Where a stream of frames stands. Control frames between the fragments of a message end nothing. A few numbers and
 * no array: there is one of these for each participant.
 */
export class MessageBoundary {
  /** Bytes of the header that have come; a header has 2 to 14. */
  #headerRead = 0;
  #headerLength = 2;
  #firstByte = 0;
  /** Of the length, when it does not fit into the second byte. */
  #lengthBytes = 0;
  #payloadLeft = 0;
  #isFragmented = false;

  get isInside(): boolean {
    return this.#isFragmented || this.#headerRead > 0;
  }

  /** @returns whether a message ended in the chunk */
  read(chunk: Uint8Array): boolean {
    let hasEnded = false;
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerRead < this.#headerLength) {
        this.#readHeader(chunk[at]!);
        at += 1;
      } else {
        const taken = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= taken;
        at += taken;
      }
      const isWhole = this.#headerRead === this.#headerLength && this.#payloadLeft === 0;
      if (isWhole && this.#endFrame()) hasEnded = true;
    }
    return hasEnded;
  }

  #readHeader(byte: number): void {
    if (this.#headerRead === 0) this.#firstByte = byte;
    else if (this.#headerRead === 1) {
      const short = byte & 0x7f;
      const mask = (byte & 0x80) === 0 ? 0 : 4;
      this.#lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
      this.#headerLength = 2 + this.#lengthBytes + mask;
      this.#payloadLeft = short < 126 ? short : 0;
    } else if (this.#headerRead < 2 + this.#lengthBytes) {
      // Not exact beyond 2^53, where the library has closed the connection long ago.
      this.#payloadLeft = this.#payloadLeft * 256 + byte;
    }
    this.#headerRead += 1;
  }

  /** @returns whether a message ended with the frame */
  #endFrame(): boolean {
    this.#headerRead = 0;
    this.#headerLength = 2;
    const isControl = (this.#firstByte & 0x08) !== 0;
    if (isControl) return false;
    this.#isFragmented = (this.#firstByte & 0x80) === 0;
    return !this.#isFragmented;
  }
}
