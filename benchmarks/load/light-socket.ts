/**
 * A WebSocket client (RFC 6455) that costs next to nothing, so that thousands fit beside the server that is measured:
 * text frames only, no extensions, one mask for all. What it receives is one socket.io packet per frame.
 */
import { connect, type Socket } from 'node:net';

export interface LightSocketOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** A loopback address of this machine: each has ports, and a limit of connections, of its own. */
  readonly localAddress: string;
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

export interface LightSocket {
  send(text: string): void;
  close(): void;
}

const TEXT = 0x1;
const CLOSE = 0x8;
const FINAL = 0x80;
const MASKED = 0x80;
/** Any mask is allowed; this one leaves the text as it is. */
const NO_MASK = Buffer.alloc(4);

export function openLightSocket(options: LightSocketOptions): LightSocket {
  const { host, port, path, localAddress, onText, onClose } = options;
  const socket = connect({ host, port, localAddress, noDelay: true });
  let isOpen = false;
  let unread: Buffer = Buffer.alloc(0);

  socket.on('connect', () => {
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-key: dHJpYnV0YXJ5IGJlbmNobQ==\r\n\r\n',
    );
  });
  socket.on('data', (chunk) => {
    unread = unread.length > 0 ? Buffer.concat([unread, chunk]) : chunk;
    if (!isOpen) {
      const end = unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!unread.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return void socket.destroy();
      isOpen = true;
      unread = unread.subarray(end + 4);
    }
    unread = readFrames(unread, onText, socket);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', onClose);
  return {
    send: (text) => void socket.write(frameOf(text)),
    close: () => void socket.destroy(),
  };
}

/** @returns what is not yet a whole frame */
function readFrames(bytes: Buffer, onText: (text: string) => void, socket: Socket): Buffer {
  let rest = bytes;
  while (rest.length >= 2) {
    let length = rest[1]! & 0x7f;
    let offset = 2;
    if (length === 126) {
      if (rest.length < 4) return rest;
      length = rest.readUInt16BE(2);
      offset = 4;
    } else if (length === 127) {
      if (rest.length < 10) return rest;
      length = Number(rest.readBigUInt64BE(2));
      offset = 10;
    }
    if (rest.length < offset + length) return rest;
    const opcode = rest[0]! & 0x0f;
    if (opcode === TEXT) onText(rest.toString('utf8', offset, offset + length));
    if (opcode === CLOSE) socket.destroy();
    rest = rest.subarray(offset + length);
  }
  return rest.length > 0 ? Buffer.from(rest) : Buffer.alloc(0);
}

function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.alloc(2) : Buffer.alloc(4);
  head[0] = FINAL | TEXT;
  head[1] = MASKED | (payload.length < 126 ? payload.length : 126);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, NO_MASK, payload]);
}
