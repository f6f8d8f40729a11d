/**
 * What listens: HTTP or HTTPS on one port, with a limit on everything that a peer may take before it has said who it
 * is. Each connection passes the gate here before anything else sees it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { CONNECTIONS, LIMITS } from './limits.ts';
import type { TrustedProxies } from './proxies.ts';
import { openSeats } from './seats.ts';
import type { TlsIdentity } from './tls.ts';

export interface Listeners {
  /** Null: plain HTTP. */
  open(handler: Handler, tls: TlsIdentity | null): Server;
  /** Plain HTTP on a free port of this machine, in front of what answers on `server`. */
  openWithin(server: Server): Promise<string>;
  /** Connections that do not end by themselves soon are ended: a frozen tab never answers the goodbye. */
  letGo(): void;
}

export interface GateOptions {
  /** TCP connections of one address; a trusted proxy holds those of everybody, and has only the total. */
  readonly connectionsPerAddress: number;
  readonly isTrusted: TrustedProxies;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const TIMEOUTS = {
  headersTimeout: LIMITS.headersMs,
  requestTimeout: LIMITS.requestMs,
  keepAliveTimeout: LIMITS.keepAliveMs,
  connectionsCheckingInterval: LIMITS.checkEveryMs,
  noDelay: true,
};

export function openListeners({ connectionsPerAddress, isTrusted }: GateOptions): Listeners {
  const seats = openSeats(connectionsPerAddress);
  const wires = new Set<Socket>();
  const within: Server[] = [];

  const open = (handler: Handler, tls: TlsIdentity | null): Server => {
    const server: Server = tls
      ? createTlsServer({ ...TIMEOUTS, ...secureContext(tls) }, handler)
      : createServer(TIMEOUTS, handler);
    server.maxConnections = CONNECTIONS;
    server.setTimeout(LIMITS.idleMs);

    const enter = server.listeners('connection') as ((wire: Socket) => void)[];
    const goOn = (wire: Socket): void => {
      for (const listener of enter) listener.call(server, wire);
    };
    server.removeAllListeners('connection');
    server.on('connection', (wire: Socket) => {
      const address = wire.remoteAddress ?? 'unknown';
      const leave = isTrusted(address) ? () => {} : seats.take(address);
      if (!leave) return void wire.destroy();
      wires.add(wire);
      wire.on('close', () => {
        wires.delete(wire);
        leave();
      });
      if (tls) tellTlsFromPlain(wire, { tls: goOn, plain: answerPlainHttp });
      else goOn(wire);
    });
    return server;
  };

  return {
    open,
    async openWithin(server) {
      const inner = open((request, response) => void server.emit('request', request, response), null);
      inner.on('upgrade', (...upgrade) => void server.emit('upgrade', ...upgrade));
      within.push(inner);
      inner.listen(0, '127.0.0.1');
      await once(inner, 'listening');
      return `http://127.0.0.1:${(inner.address() as AddressInfo).port}`;
    },
    letGo() {
      for (const inner of within) inner.close();
      setTimeout(() => {
        for (const wire of wires) wire.destroy();
      }, LIMITS.closeMs).unref();
    },
  };
}

function secureContext({ certificate, key }: TlsIdentity) {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: LIMITS.handshakeMs,
    ALPNProtocols: ['http/1.1'],
  };
}

/** The first byte of a TLS handshake, RFC 8446 section 5.1; no HTTP method begins with it. */
const HANDSHAKE = 22;

/** Somebody who types the address without `https:` should not look at a page that never comes. */
function tellTlsFromPlain(wire: Socket, goOn: { tls(wire: Socket): void; plain(wire: Socket): void }): void {
  const patience = setTimeout(() => wire.destroy(), LIMITS.handshakeMs);
  const ignore = (): void => {};
  wire.on('error', ignore);
  wire.once('close', () => clearTimeout(patience));
  wire.once('readable', () => {
    const first = wire.read(1) as Buffer | null;
    // The peer went away without a word.
    if (first === null) return void wire.destroy();
    clearTimeout(patience);
    wire.unshift(first);
    if (first[0] === HANDSHAKE) goOn.tls(wire);
    else goOn.plain(wire);
  });
}

/** Never listens; is given connections that came to the TLS port by mistake. */
const plainServer = createServer({ keepAliveTimeout: 1 }, (request, response) => {
  const host = request.headers.host;
  const mayMove = host !== undefined && (request.method === 'GET' || request.method === 'HEAD');
  response.writeHead(mayMove ? 308 : 400, {
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    ...(mayMove && { location: `https://${host}${request.url}` }),
  });
  response.end('This address speaks HTTPS: begin it with https://\n');
});

function answerPlainHttp(wire: Socket): void {
  const patience = setTimeout(() => wire.destroy(), LIMITS.headersMs);
  wire.once('close', () => clearTimeout(patience));
  plainServer.emit('connection', wire);
}
