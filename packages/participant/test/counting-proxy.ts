/**
 * A TCP proxy that keeps what clients send and reads HTTP (RFC 9112) and WebSocket frames (RFC 6455, section 5.2)
 * out of it by itself: the authority that the ledger is compared with.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  readonly url: string;
  /** Payloads of WebSocket data frames and bodies of HTTP requests, from clients to the server. */
  payloads(): Buffer[];
  /** Every byte that clients sent. */
  raw(): Buffer;
  /** That came back to them. */
  receivedBytes(): number;
  /** Cuts all connections, as a network does. */
  cut(): void;
  close(): Promise<void>;
}

export async function openCountingProxy(targetPort: number): Promise<CountingProxy> {
  const streams: Buffer[][] = [];
  const sockets = new Set<Socket>();
  let receivedBytes = 0;
  const server = createServer((client) => {
    const sent: Buffer[] = [];
    streams.push(sent);
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      sent.push(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', ({ length }) => {
      receivedBytes += length;
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    payloads: () => streams.flatMap((chunks) => readPayloads(Buffer.concat(chunks))),
    raw: () => Buffer.concat(streams.flat()),
    receivedBytes: () => receivedBytes,
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

function readPayloads(stream: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  let offset = 0;
  while (offset < stream.length) {
    const headEnd = stream.indexOf('\r\n\r\n', offset);
    if (headEnd < 0) break;
    const head = stream.toString('latin1', offset, headEnd).toLowerCase();
    offset = headEnd + 4;
    if (head.includes('upgrade: websocket')) return [...payloads, ...readFrames(stream.subarray(offset))];
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (length > 0) payloads.push(stream.subarray(offset, offset + length));
    offset += length;
  }
  return payloads;
}

const CONTROL_OPCODE = 0x8;

function readFrames(stream: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  let offset = 0;
  while (offset + 2 <= stream.length) {
    const opcode = stream[offset]! & 0x0f;
    let length = stream[offset + 1]! & 0x7f;
    offset += 2;
    if (length === 126) {
      length = stream.readUInt16BE(offset);
      offset += 2;
    } else if (length === 127) {
      length = Number(stream.readBigUInt64BE(offset));
      offset += 8;
    }
    const mask = stream.subarray(offset, offset + 4);
    offset += 4;
    const payload = Buffer.from(stream.subarray(offset, offset + length));
    for (let i = 0; i < payload.length; i += 1) payload[i]! ^= mask[i % 4]!;
    offset += length;
    if (opcode < CONTROL_OPCODE) payloads.push(payload);
  }
  return payloads;
}
