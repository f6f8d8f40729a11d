/**
 * The socket.io endpoint: one event named `message`, one object, whose bytes are binary attachments. Whatever else
 * arrives is refused, and nothing that arrives reaches an event emitter, where an unhandled `error` event would end the
 * process.
 *
 * WebSocket only: long polling would need sticky routing later, multiplies requests, and every browser that can
 * train here speaks WebSocket. No per-message deflate: it costs about 250 kB a socket.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, MAXIMUM_CONTROL_FRAME_BYTES, type Problem, SOCKET_PATH } from '@tributary/fl-core';
import type { Logger } from 'pino';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import { type ServerOptions, WebSocketServer } from 'ws';
import { statusOf } from '../http/problems.ts';
import type { Metrics } from '../metrics.ts';
import { LIMITS } from '../network/limits.ts';
import { mayConnect, type OriginRule } from '../network/origins.ts';
import { addressOf, type TrustedProxies } from '../network/proxies.ts';
import { openSeats } from '../network/seats.ts';
import { watchUnfinishedMessages } from '../network/unfinished-messages.ts';
import { sparingParser } from './attachments.ts';
import type { Connection } from './connections.ts';
import { packetsOf } from './message-packets.ts';
import { openParticipantSession, type SessionParts } from './participant-session.ts';

export interface ControlChannelOptions extends Omit<SessionParts, 'count' | 'onFault'> {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly socketsPerAddress: number;
  readonly isTrusted: TrustedProxies;
  readonly origins: OriginRule;
  /** A connection that has not checked in by then is closed. */
  readonly checkInTimeoutMs: number;
}

export interface ControlChannel {
  close(): Promise<void>;
}

interface Events extends DefaultEventsMap {
  message: (message: unknown) => void;
}

export function openControlChannel(server: HttpServer, options: ControlChannelOptions): ControlChannel {
  const { metrics, log } = options;
  const seats = openSeats(options.socketsPerAddress);
  const unfinished = watchUnfinishedMessages();
  let isClosing = false;

  server.on('upgrade', (request: IncomingMessage, wire: Duplex) => {
    if (!isForUs(request)) refuseUpgrade(wire, { code: 'not-found', message: 'there is no socket here' });
  });
  const io = new Server<Events, Events>(server, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: MAXIMUM_CONTROL_FRAME_BYTES,
    connectTimeout: options.checkInTimeoutMs,
    parser: sparingParser,
    destroyUpgrade: false,
    wsEngine: PromptlyClosingServer,
    allowRequest: (request, decide) => {
      const wire = request.socket;
      const refuse = (code: ErrorCode, message: string): void => {
        metrics.messages.inc({ result: code });
        // Answered here, so there is nothing left to decide: the library would say it with less.
        refuseUpgrade(wire, { code, message });
      };
      if (!mayConnect(request.headers.origin, request.headers.host, options.origins)) {
        return refuse('origin-refused', 'pages of this origin may not connect');
      }
      const leave = seats.take(addressOf(request, options.isTrusted));
      if (!leave) return refuse('too-many-connections', 'this address has all the connections it may have');
      wire.on('close', leave);
      unfinished.watch(wire);
      decide(null, true);
    },
  });

  const opened = new WeakSet<object>();
  io.on('connection', (socket) => {
    // A client that opens the channel a second time on one connection would be two sessions on it.
    if (opened.has(socket.conn)) return void socket.disconnect(true);
    opened.add(socket.conn);
    metrics.connections.inc();
    const connection = connectionOf(socket);
    forgetRequest(socket);
    const session = openParticipantSession(connection, {
      ...options,
      count: (result) => metrics.messages.inc({ result }),
      onFault: (error) => log.error({ err: error }, 'a message could not be handled'),
    });
    const patience = setTimeout(() => {
      if (!session.isCheckedIn) connection.close();
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
      unfinished.close();
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

/** The library would wait half a minute for a peer to agree that the connection ends. */
class PromptlyClosingServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    const prompt = { ...options, closeTimeout: LIMITS.closeMs };
    super(prompt);
  }
}

const isForUs = (request: IncomingMessage): boolean => request.url?.startsWith(`${SOCKET_PATH}/`) ?? false;

/** A browser shows none of this to the page; whoever looks at the connection sees why. */
function refuseUpgrade(wire: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem);
  wire.on('error', () => {});
  wire.end(
    [
      `HTTP/1.1 ${statusOf(problem.code)} Refused`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => wire.destroy(),
  );
}

/**
 * Frames, and characters and bytes in them, that a connection may leave unread beyond what its sockets buffer. Whoever
 * asks on and on without reading the answers would fill the memory with them. One frame may be longer: a manifest can be.
 */
const MAXIMUM_UNREAD = 64;
const MAXIMUM_UNREAD_LENGTH = 512 * 1024;

/** The request that opened a connection is of no use any more: ten thousand of them would keep 40 MB. */
function forgetRequest(socket: Socket<Events, Events>): void {
  (socket.conn as { request: unknown }).request = null;
  (socket as { handshake: unknown }).handshake = null;
}

function connectionOf(socket: Socket<Events, Events>): Connection {
  const wire = socket.conn.request.socket;
  let unread = 0;
  let unreadLength = 0;
  const drained = (): void => {
    unread = 0;
    unreadLength = 0;
  };
  const created = ({ data }: { data?: unknown }): void => {
    // Not an orderly end, which would wait until all of it is read.
    if (unread > 0 && unreadLength > MAXIMUM_UNREAD_LENGTH) wire.destroy();
    unread += 1;
    unreadLength += typeof data === 'string' || data instanceof Uint8Array ? data.length : 0;
    if (unread > MAXIMUM_UNREAD) wire.destroy();
  };
  socket.conn.on('drain', drained);
  socket.conn.on('packetCreate', created);
  socket.once('disconnect', () => {
    socket.conn.off('drain', drained);
    socket.conn.off('packetCreate', created);
  });
  return {
    send(message) {
      if (!socket.connected) return;
      for (const packet of packetsOf(message)) socket.conn.write(packet);
    },
    close() {
      socket.disconnect(true);
      // What the peer has not read would keep the connection from ending.
      setTimeout(() => wire.destroy(), LIMITS.closeMs).unref();
    },
  };
}
