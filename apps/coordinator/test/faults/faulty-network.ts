/**
 * A network of its own for one participant: a TCP proxy that can be cut for a while, that lets uploads trickle or
 * break off, and that says control messages twice or in another order (whole WebSocket frames, so that what arrives
 * is still the protocol). Every choice is drawn from a seed.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Dice, dice } from '../fuzz/generate.ts';

export interface Faults {
  /** Probability that a control message is said twice. */
  readonly duplicates?: number;
  /** Probability that a control message waits until the next one has passed, or for a moment. */
  readonly reorders?: number;
  /** Bytes per second of what the participant sends over HTTP. */
  readonly uploadBytesPerSecond?: number;
  /** This many of the longer requests break off after half of their bytes. */
  readonly brokenUploads?: number;
}

export interface FaultyNetwork {
  readonly url: string;
  /** Ends all connections, and lets no new ones be until so much later. */
  cut(milliseconds: number): Promise<void>;
  /** Connections stay, nothing passes: as behind a dead access point. */
  stall(milliseconds: number): Promise<void>;
  /** What was done to messages and uploads. */
  readonly done: { duplicated: number; reordered: number; broken: number };
  close(): Promise<void>;
}

export async function openFaultyNetwork(
  targetPort: number,
  seed: string,
  faults: Faults = {},
): Promise<FaultyNetwork> {
  const roll = dice(seed);
  const done = { duplicated: 0, reordered: 0, broken: 0 };
  const wires = new Set<Socket>();
  let isCut = false;

  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const upstream = connect(targetPort, '127.0.0.1');
    for (const wire of [client, upstream]) {
      wires.add(wire);
      wire.setNoDelay(true);
      wire.on('error', () => wire.destroy());
      wire.on('close', () => {
        wires.delete(wire);
        client.destroy();
        upstream.destroy();
      });
    }
    const toServer = chaos({ to: upstream, roll, faults, done });
    const toClient = chaos({ to: client, roll, faults, done });
    let isWebSocket: boolean | null = null;
    const send = uploads({ from: client, to: upstream, faults, done });
    client.on('data', (chunk) => {
      isWebSocket ??= /\r\nupgrade: websocket/i.test(chunk.toString('latin1'));
      if (isWebSocket) toServer(chunk);
      else send(chunk);
    });
    upstream.on('data', (chunk) => {
      if (isWebSocket) toClient(chunk);
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

  return {
    url: `http://127.0.0.1:${port}`,
    done,
    async cut(milliseconds) {
      isCut = true;
      for (const wire of wires) wire.destroy();
      await wait(milliseconds);
      isCut = false;
    },
    async stall(milliseconds) {
      const stalled = [...wires];
      for (const wire of stalled) wire.pause();
      await wait(milliseconds);
      for (const wire of stalled) if (!wire.destroyed) wire.resume();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const wire of wires) wire.destroy();
      }),
  };
}

interface Path {
  readonly to: Socket;
  readonly roll: Dice;
  readonly faults: Faults;
  readonly done: FaultyNetwork['done'];
}

/** No message is held for longer, so that the last one arrives, too. */
const HELD_MS = 40;

/** Handshake first, then frame by frame; only whole socket.io events (`42`) are touched. */
function chaos({ to, roll, faults, done }: Path): (chunk: Buffer) => void {
  let unread: Buffer = Buffer.alloc(0);
  let isOpen = false;
  let held: Buffer | null = null;
  const release = (): void => {
    if (held && !to.destroyed) to.write(held);
    held = null;
  };
  const pass = (frame: Buffer): void => {
    to.write(frame);
    release();
  };
  return (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    if (!isOpen) {
      const end = unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      isOpen = true;
      to.write(unread.subarray(0, end + 4));
      unread = unread.subarray(end + 4);
    }
    for (let frame = firstFrame(unread); frame; frame = firstFrame(unread)) {
      unread = unread.subarray(frame.bytes.length);
      if (!frame.text.startsWith('42')) {
        to.write(frame.bytes);
      } else if (!held && roll.chance(faults.reorders ?? 0)) {
        done.reordered += 1;
        held = Buffer.from(frame.bytes);
        setTimeout(release, HELD_MS);
      } else {
        const copy = Buffer.from(frame.bytes);
        pass(copy);
        if (roll.chance(faults.duplicates ?? 0)) {
          done.duplicated += 1;
          to.write(copy);
        }
      }
    }
  };
}

/** RFC 6455, section 5.2; null while the frame is not there as a whole. */
function firstFrame(stream: Buffer): { bytes: Buffer; text: string } | null {
  if (stream.length < 2) return null;
  let offset = 2;
  let length = stream[1]! & 0x7f;
  if (length === 126) {
    if (stream.length < 4) return null;
    length = stream.readUInt16BE(2);
    offset = 4;
  } else if (length === 127) {
    if (stream.length < 10) return null;
    length = Number(stream.readBigUInt64BE(2));
    offset = 10;
  }
  const isMasked = (stream[1]! & 0x80) !== 0;
  const mask = isMasked ? stream.subarray(offset, offset + 4) : Buffer.alloc(4);
  if (isMasked) offset += 4;
  if (stream.length < offset + length) return null;
  const start = Buffer.from(stream.subarray(offset, offset + Math.min(length, 2)));
  for (let i = 0; i < start.length; i += 1) start[i]! ^= mask[i]!;
  const isText = (stream[0]! & 0x0f) === 1;
  return { bytes: stream.subarray(0, offset + length), text: isText ? start.toString('latin1') : '' };
}

const SLICES_PER_SECOND = 20;
/** A request of more bytes than this is an upload. */
const LONG_REQUEST = 8000;

/** Trickles what is sent, and breaks off where it is told to. */
function uploads({ from, to, faults, done }: Omit<Path, 'roll'> & { from: Socket }): (chunk: Buffer) => void {
  const { uploadBytesPerSecond, brokenUploads = 0 } = faults;
  const slice = uploadBytesPerSecond ? Math.ceil(uploadBytesPerSecond / SLICES_PER_SECOND) : Infinity;
  const waiting: Buffer[] = [];
  let isTrickling = false;
  let sent = 0;
  const trickle = (): void => {
    const next = waiting.shift();
    isTrickling = next !== undefined;
    if (!next || to.destroyed) return;
    to.write(next);
    setTimeout(trickle, 1000 / SLICES_PER_SECOND);
  };
  return (chunk) => {
    sent += chunk.length;
    if (sent > LONG_REQUEST && done.broken < brokenUploads) {
      done.broken += 1;
      // Half of it has arrived when the line breaks.
      to.write(chunk.subarray(0, chunk.length / 2), () => from.destroy());
      return;
    }
    if (slice === Infinity) return void to.write(chunk);
    for (let i = 0; i < chunk.length; i += slice) waiting.push(chunk.subarray(i, i + slice));
    if (!isTrickling) trickle();
  };
}
