/**
 * From a request's body into a file: never more than was announced, never all of it in memory, and not for ever. What
 * has arrived when a body breaks off stays, so that its sender can go on from there.
 */
import type { Readable } from 'node:stream';
import { TributaryError } from '@tributary/fl-core';
import type { UploadFile } from '../storage/update-store.ts';
import type { ReadingSeats, Seat } from './reading-seats.ts';

export interface BodyLimits {
  /** Exactly so many bytes are to come. */
  readonly bytes: number;
  readonly pace: UploadPace;
  readonly seats: ReadingSeats;
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

/** Written at once: fewer, larger writes, at the price of so much memory per seat. */
const WRITE_BYTES = 128 * 1024;

/**
 * @throws TributaryError `frame-too-large`, `frame-length` when the body ended early of its own accord, or
 * `upload-interrupted` when it broke off, came too slowly, or was ended from outside
 */
export async function receiveBody(body: Readable, file: UploadFile, limits: BodyLimits): Promise<void> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const watch = watchPace(limits);
  const output = gatheredWrites(file);
  let seat: Seat | null = null;
  let coming: ReturnType<typeof nextOf> | null = null;
  let received = 0;
  try {
    while (true) {
      seat ??= await seatAt(limits.seats, watch);
      coming ??= nextOf(chunks);
      const next = await Promise.race([coming, watch.ended, seat.givesWay]);
      if (next === 'give-way') {
        await watch.pausedDuring(output.flush());
        seat.release();
        seat = null;
        continue;
      }
      coming = null;
      if (next.done) break;
      received += next.value.length;
      limits.onBytes(next.value.length);
      if (received > limits.bytes) throw new TributaryError('frame-too-large', 'more than was announced');
      watch.arrived(next.value.length);
      // Our own disk may be slow; that is no fault of the sender.
      await watch.pausedDuring(output.add(next.value));
    }
    if (received < limits.bytes) {
      throw new TributaryError(
        'frame-length',
        `${limits.bytes - received} of the announced bytes are missing`,
      );
    }
  } finally {
    watch.stop();
    try {
      await output.flush();
    } finally {
      seat?.release();
    }
  }
}

/** Waiting for a seat is no fault of the sender either; but who is ended meanwhile needs none any more. */
async function seatAt(seats: ReadingSeats, watch: ReturnType<typeof watchPace>): Promise<Seat> {
  const taking = seats.take();
  try {
    return await watch.pausedDuring(Promise.race([taking, watch.ended]));
  } catch (error) {
    void taking.then((seat) => seat.release());
    throw error;
  }
}

function nextOf(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  const next = chunks.next().catch((cause: unknown) => {
    throw new TributaryError('upload-interrupted', 'the upload broke off; it can go on', { cause });
  });
  // It may break off while nobody listens.
  next.catch(() => {});
  return next;
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
    async pausedDuring<T>(work: Promise<T>): Promise<T> {
      isPaused = true;
      try {
        return await work;
      } finally {
        isPaused = false;
      }
    },
    stop(): void {
      clearInterval(timer);
      signal.removeEventListener('abort', endFromOutside);
    },
  };
}
