/**
 * From a request's body into a file: never more than was announced, never all of it in memory, and not for ever. What
 * has arrived when a body breaks off stays, so that its sender can go on from there.
 */
import type { Readable } from 'node:stream';
import { TributaryError } from '@tributary/fl-core';
import type { UploadFile } from '../storage/update-store.ts';

export interface BodyLimits {
  /** Exactly so many bytes are to come. */
  readonly bytes: number;
  readonly pace: UploadPace;
  /** Ends the upload from outside; its reason is what is thrown. */
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

/** A body that brings less than so much in so long is ended; its sender may go on with another. */
export interface UploadPace {
  readonly windowMs: number;
  readonly bytesPerWindow: number;
}

/** About the slowest mobile connection: 1 kB/s. */
export const DEFAULT_PACE: UploadPace = { windowMs: 15_000, bytesPerWindow: 16 * 1024 };

/** Written at once: fewer, larger writes, at the price of so much memory per upload. */
const WRITE_BYTES = 128 * 1024;

/**
 * @throws TributaryError `frame-too-large`, `frame-length` when the body ended early of its own accord, or
 * `upload-interrupted` when it broke off, came too slowly, or was ended from outside
 */
export async function receiveBody(body: Readable, file: UploadFile, limits: BodyLimits): Promise<void> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const watch = watchPace(limits);
  const output = gatheredWrites(file);
  let received = 0;
  try {
    while (true) {
      const next = await Promise.race([nextOf(chunks), watch.ended]);
      if (next.done) break;
      received += next.value.length;
      limits.onBytes(next.value.length);
      if (received > limits.bytes) throw new TributaryError('frame-too-large', 'more than was announced');
      // Our own disk may be slow; that is no fault of the sender.
      await watch.pausedDuring(output.add(next.value));
      watch.arrived(next.value.length);
    }
    if (received < limits.bytes) {
      throw new TributaryError(
        'frame-length',
        `${limits.bytes - received} of the announced bytes are missing`,
      );
    }
  } finally {
    watch.stop();
    await output.flush();
  }
}

async function nextOf(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch (cause) {
    throw new TributaryError('upload-interrupted', 'the upload broke off; it can go on', { cause });
  }
}

/** One write under way while the next one gathers. */
function gatheredWrites(file: UploadFile) {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    const chunks = gathered;
    gathered = [];
    bytes = 0;
    writing = writing.then(() => file.append(chunks));
    // Whoever awaits it hears of a failure; until then it is not unheard.
    writing.catch(() => {});
  };
  return {
    async add(chunk: Uint8Array): Promise<void> {
      gathered.push(chunk);
      bytes += chunk.length;
      if (bytes < WRITE_BYTES) return;
      await writing;
      write();
    },
    async flush(): Promise<void> {
      if (bytes > 0) write();
      await writing;
    },
  };
}

function watchPace({ pace, bytes, signal }: BodyLimits) {
  let missing = bytes;
  let inWindow = 0;
  let isPaused = false;
  let end: (error: unknown) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = reject;
  });
  // It is raced, and may be rejected when nobody races any more.
  ended.catch(() => {});
  const endFromOutside = (): void => end(signal.reason);
  signal.addEventListener('abort', endFromOutside);
  if (signal.aborted) endFromOutside();
  const timer = setInterval(() => {
    const isEnough = isPaused || inWindow >= Math.min(pace.bytesPerWindow, missing);
    missing -= inWindow;
    inWindow = 0;
    if (!isEnough) end(new TributaryError('upload-interrupted', 'the upload came too slowly; it can go on'));
  }, pace.windowMs);
  return {
    ended,
    arrived(count: number): void {
      inWindow += count;
    },
    async pausedDuring(work: Promise<void>): Promise<void> {
      isPaused = true;
      await work;
      isPaused = false;
    },
    stop(): void {
      clearInterval(timer);
      signal.removeEventListener('abort', endFromOutside);
    },
  };
}
