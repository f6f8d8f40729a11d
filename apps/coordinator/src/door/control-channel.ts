/**
 * The socket.io endpoint: one event named `message`, one object. Whatever else arrives is refused, and nothing
 * that arrives reaches an event emitter, where an unhandled `error` event would end the process.
 *
 * WebSocket only: long polling would need sticky routing later, multiplies requests, and every browser that can
 * train here speaks WebSocket. No per-message deflate: it costs about 250 kB a socket.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { MAXIMUM_CONTROL_FRAME_BYTES, SOCKET_PATH } from '@tributary/fl-core';
import type { Logger } from 'pino';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { Metrics } from '../metrics.ts';
import type { Connection } from './connections.ts';
import { openParticipantSession, type SessionParts } from './participant-session.ts';

export interface ControlChannelOptions extends Omit<SessionParts, 'count' | 'onFault'> {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly socketsPerAddress: number;
  /** A connection that has not checked in by then is closed. */
  readonly checkInTimeoutMs: number;
}

export interface ControlChannel {
  close(): Promise<void>;
}

/** How long a peer may take to agree that the connection ends. */
const GOODBYE_MS = 1000;

interface Events extends DefaultEventsMap {
  message: (message: unknown) => void;
}

export function openControlChannel(server: HttpServer, options: ControlChannelOptions): ControlChannel {
  const { metrics, log } = options;
  const perAddress = new Map<string, number>();
  const wires = new Set<NetSocket>();
  let isClosing = false;

  const io = new Server<Events, Events>(server, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: MAXIMUM_CONTROL_FRAME_BYTES,
    connectTimeout: options.checkInTimeoutMs,
    allowRequest: (request, decide) => {
      const isFull = (perAddress.get(addressOf(request)) ?? 0) >= options.socketsPerAddress;
      decide(isFull ? 'too-many-connections' : null, !isFull);
    },
  });

  io.engine.on(
    'connection',
    (raw: { request: IncomingMessage; once(event: 'close', listener: () => void): void }) => {
      const wire = raw.request.socket;
      wires.add(wire);
      wire.once('close', () => wires.delete(wire));
      const address = addressOf(raw.request);
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
      raw.once('close', () => {
        const left = (perAddress.get(address) ?? 1) - 1;
        if (left > 0) perAddress.set(address, left);
        else perAddress.delete(address);
      });
    },
  );

  io.on('connection', (socket) => {
    metrics.connections.inc();
    const session = openParticipantSession(connectionOf(socket), {
      ...options,
      count: (result) => metrics.messages.inc({ result }),
      onFault: (error) => log.error({ err: error }, 'a message could not be handled'),
    });
    const patience = setTimeout(() => {
      if (!session.isCheckedIn) socket.disconnect(true);
    }, options.checkInTimeoutMs);

    // A middleware that never calls `next`: no packet is ever emitted as an event.
    socket.use((packet: unknown[]) => {
      // An acknowledgement that is asked for would be a second argument.
      if (packet[0] === 'message' && packet.length === 2) session.receive(packet[1]);
      else session.refuse('message-malformed', 'the only event is `message`, with one object');
    });
    socket.on('disconnect', () => {
      metrics.connections.dec();
      clearTimeout(patience);
      // At shutdown nobody has left: the next start waits for them to come back.
      if (!isClosing) session.disconnected();
    });
  });

  return {
    async close() {
      isClosing = true;
      io.disconnectSockets(true);
      io.engine.close();
      // A frozen tab never answers the goodbye, and would keep the process from ending.
      setTimeout(() => {
        for (const wire of wires) wire.destroy();
      }, GOODBYE_MS).unref();
    },
  };
}

/**
 * Messages that a connection may leave unread beyond what its sockets buffer. Whoever asks on and on without reading
 * the answers would fill the memory with them.
 */
const MAXIMUM_UNREAD = 64;

function connectionOf(socket: Socket<Events, Events>): Connection {
  let unread = 0;
  const drained = (): void => {
    unread = 0;
  };
  socket.conn.on('drain', drained);
  socket.once('disconnect', () => void socket.conn.off('drain', drained));
  return {
    send(message) {
      unread += 1;
      // Not an orderly end, which would wait until all of it is read.
      if (unread > MAXIMUM_UNREAD) socket.conn.request.socket.destroy();
      else socket.emit('message', message);
    },
    close: () => void socket.disconnect(true),
  };
}

/** A proxy on this machine says for whom it speaks, in the last place of the list; anybody else could say anything. */
function addressOf(request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? 'unknown';
  const isOfThisMachine = peer === '::1' || /^(::ffff:)?127\./.test(peer);
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim();
  return isOfThisMachine && forwarded ? forwarded : peer;
}
