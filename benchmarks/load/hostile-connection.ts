/** Connections that only take up room. None of them ends by itself, nor when the other side asks politely. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HOSTILITIES = ['unfinished frame', 'slow headers', 'silent'] as const;
export type Hostility = (typeof HOSTILITIES)[number];

export const hostilityOf = (index: number): Hostility => HOSTILITIES[index % HOSTILITIES.length]!;

export interface HostileConnection {
  /** The coordinator has cut it off. */
  readonly gone: Promise<void>;
  close(): void;
}

const SOCKET_REQUEST =
  'GET /v1/socket/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
  'sec-websocket-version: 13\r\nsec-websocket-key: dHJpYnV0YXJ5IGJlbmNobQ==\r\n\r\n';
/** A text frame of 200,000 bytes, of which this many come. */
const UNFINISHED_FRAME = Buffer.concat([
  Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 3, 0x0d, 0x40, 0, 0, 0, 0]),
  Buffer.alloc(60_000, 'x'),
]);

export async function openHostileConnection(
  hostility: Hostility,
  to: { readonly port: number; readonly localAddress: string },
): Promise<HostileConnection> {
  // Half open: it does not answer the end of the other side with an end of its own.
  const wire = connect({ ...to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const gone = new Promise<void>((resolve) => {
    wire.once('end', resolve);
    wire.once('close', () => resolve());
  });
  // A connection that is cut off with bytes unread ends with a reset.
  wire.on('error', () => {});
  await once(wire, 'connect');
  let trickle: ReturnType<typeof setInterval> | undefined;
  if (hostility === 'unfinished frame') await beginFrame(wire);
  else if (hostility === 'slow headers') trickle = writeHeadersSlowly(wire);
  wire.resume();
  void gone.then(() => clearInterval(trickle));
  return { gone, close: () => void wire.destroy() };
}

async function beginFrame(wire: Socket): Promise<void> {
  wire.write(SOCKET_REQUEST);
  await once(wire, 'data');
  wire.write(UNFINISHED_FRAME);
}

function writeHeadersSlowly(wire: Socket): ReturnType<typeof setInterval> {
  wire.write('GET /healthz HTTP/1.1\r\n');
  return setInterval(() => void (wire.writable && wire.write('x-a: b\r\n')), 1000);
}
