/** Who may connect, for whom a request counts, and how much anybody may hold before it has said who it is. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { JOIN_PATH, SOCKET_PATH, UPDATES_PATH } from '@tributary/fl-core';
import fc from 'fast-check';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { attemptLimit } from '../src/auth/attempt-limit.ts';
import { CONNECTIONS_PER_SOCKET } from '../src/network/limits.ts';
import { checkedOrigin } from '../src/network/origins.ts';
import { addressOf, trustedProxies } from '../src/network/proxies.ts';
import { openSeats } from '../src/network/seats.ts';
import { MessageBoundary } from '../src/network/unfinished-messages.ts';
import { rawFrame, textFrame } from './faults/raw-frames.ts';
import { smallTask } from './small-task.ts';

const LAB = 'https://lab.example.org';
const PUBLIC_URL = 'https://learn.example.org';
const SOCKETS = 2;
let coordinator: Coordinator;
const wires: Socket[] = [];
beforeAll(async () => {
  coordinator = await startCoordinator({
    dataFolder: null,
    logLevel: 'silent',
    publicUrl: PUBLIC_URL,
    allowedOrigins: [LAB],
    trustProxy: ['none'],
    socketsPerAddress: SOCKETS,
  });
});
afterEach(() => {
  for (const wire of wires.splice(0)) wire.destroy();
});
afterAll(() => coordinator.close());

/** From an address of its own, unless told: limits of one test are no business of another. */
const addresses = Array.from({ length: 200 }, (_, i) => `127.0.9.${i + 1}`);
async function open(from = addresses.pop()): Promise<Socket> {
  const wire = connectTcp({ host: '127.0.0.1', port: coordinator.port, localAddress: from! });
  wires.push(wire);
  wire.on('error', () => {});
  await once(wire, 'connect');
  return wire;
}

/** @returns the first bytes of the answer */
async function upgrade(
  wire: Socket,
  headers: Record<string, string> = {},
  path = `${SOCKET_PATH}/?EIO=4&transport=websocket`,
): Promise<string> {
  const lines = Object.entries({
    host: `127.0.0.1:${coordinator.port}`,
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dHJpYnV0YXJ5IGJlbmNobQ==',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  wire.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const [answer] = (await once(wire, 'data')) as [Buffer];
  return answer.toString('latin1');
}
/** Read to its end: a connection that nobody reads does not close. */
const gone = (wire: Socket): Promise<unknown> =>
  wire.destroyed ? Promise.resolve() : once(wire.resume(), 'close');

describe('the origin of a page', () => {
  test.each([
    ['no browser', null],
    ['its own page', 'http://127.0.0.1:PORT'],
    ['its own page behind a proxy', PUBLIC_URL],
    ['a page that embeds the SDK', LAB],
  ])('[D-8] %s may open a control connection', async (_, page) => {
    const origin = page?.replace('PORT', String(coordinator.port));
    expect(await upgrade(await open(), origin ? { origin } : {})).toMatch(/^HTTP\/1\.1 101/);
  });

  test.each([
    'https://evil.example.org',
    'null',
    'http://127.0.0.1:9',
    `${LAB}.evil.example`,
    `${LAB}:444`,
    'http://lab.example.org',
  ])('[D-8] a page of %s may not, and is told so at the handshake', async (origin) => {
    const wire = await open();
    const answer = await upgrade(wire, { origin });
    expect(answer).toMatch(/^HTTP\/1\.1 403/);
    expect(answer).toContain('"code":"origin-refused"');
    await gone(wire);
  });

  test.each([
    ['GET', JOIN_PATH],
    ['GET', '/v1/models/00'],
    ['PUT', UPDATES_PATH],
    ['HEAD', UPDATES_PATH],
  ])('[D-8] a preflight for %s %s lets the named site through, and no other', async (method, path) => {
    const preflight = (origin: string) =>
      fetch(coordinator.url + path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type,upload-offset',
        },
      });
    const granted = await preflight(LAB);
    expect(granted.status).toBe(204);
    expect(granted.headers.get('access-control-allow-origin')).toBe(LAB);
    expect(granted.headers.get('access-control-allow-methods')).toContain(method);
    const allowed = granted.headers.get('access-control-allow-headers')!.split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'content-type', 'upload-offset']));
    const refused = await preflight('https://evil.example.org');
    for (const answer of [granted, refused]) {
      expect(answer.headers.get('vary')).toContain('Origin');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    expect(refused.headers.get('access-control-allow-methods')).toBeNull();
  });

  test('[D-8] the named site reads answers, also refusals, with the headers of a resumed upload', async () => {
    const run = await coordinator.createRun(smallTask());
    const ticket = await coordinator.admissionTicket(run, 1);
    const ask = (origin: string, authorization: string) =>
      fetch(coordinator.url + JOIN_PATH, { headers: { origin, authorization } });
    const joined = await ask(LAB, `Bearer ${ticket}`);
    expect(joined.status).toBe(200);
    expect(joined.headers.get('access-control-allow-origin')).toBe(LAB);
    expect(joined.headers.get('access-control-expose-headers')).toBe('etag, upload-offset');
    expect((await ask(LAB, 'Bearer forged')).headers.get('access-control-allow-origin')).toBe(LAB);
    const other = await ask('https://evil.example.org', `Bearer ${ticket}`);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('[D-8] the admin API and the page answer to no other origin', async () => {
    for (const path of ['/v1/admin/session', '/v1/admin/runs', '/', '/healthz', '/v1/openapi.json']) {
      for (const method of ['GET', 'OPTIONS']) {
        const answer = await fetch(coordinator.url + path, { method, headers: { origin: LAB } });
        expect(answer.headers.get('access-control-allow-origin'), `${method} ${path}`).toBeNull();
      }
    }
  });

  test.each(['*', 'lab.example.org', 'https://*.example.org/', `${LAB}/page`, 'null', 'file:///x'])(
    '%s is no exact origin',
    (text) => {
      expect(() => checkedOrigin(text)).toThrow('expected an exact origin');
    },
  );
});

describe('proxies', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({ socket: { remoteAddress }, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} }) as never;

  test.each([
    ['loopback', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['loopback', '::ffff:127.0.0.1', 'made up, 198.51.100.1', '198.51.100.1'],
    ['loopback', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['loopback', '127.0.0.1', '198.51.100.1, 127.0.0.1', '198.51.100.1'],
    ['none', '127.0.0.1', '198.51.100.1', '127.0.0.1'],
    ['10.0.0.0/8', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.0/8', '127.0.0.1', '198.51.100.1', '127.0.0.1'],
    ['2001:db8::7', '2001:db8::7', '198.51.100.1', '198.51.100.1'],
    ['loopback', '127.0.0.1', undefined, '127.0.0.1'],
  ])('with --trust-proxy %s, %s that forwards %s speaks for %s', (names, peer, forwarded, expected) => {
    expect(addressOf(request(peer, forwarded), trustedProxies([names]))).toBe(expected);
  });

  test.each(['everybody', '10.0.0.0/33', '10.0.0.0/x', '::/129', ''])('%j is nobody to trust', (name) => {
    expect(() => trustedProxies([name])).toThrow('expected `loopback`');
  });
});

describe('seats', () => {
  test('come back when they are given back, once', () => {
    const seats = openSeats(2);
    const leave = seats.take('192.0.2.1')!;
    expect(seats.take('192.0.2.1')).not.toBeNull();
    expect(seats.take('192.0.2.1')).toBeNull();
    expect(seats.take('192.0.2.2')).not.toBeNull();
    leave();
    leave();
    expect(seats.take('192.0.2.1')).not.toBeNull();
    expect(seats.take('192.0.2.1')).toBeNull();
  });

  test.each([
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', false],
    ['2001:db8:0:1::1', '2001:0db8:0000:0001::9', false],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', true],
    ['::ffff:192.0.2.1', '192.0.2.1', false],
    ['::1', '::ffff:192.0.2.1', true],
  ])('%s and %s count as different: %s', (one, other, areDifferent) => {
    const seats = openSeats(1);
    seats.take(one);
    expect(seats.take(other) !== null).toBe(areDifferent);
  });
});

describe('[D-5] guessing', () => {
  test('counts for the whole network of an IPv6 address, for a minute', () => {
    let at = 0;
    const limit = attemptLimit({ failures: 3, windowMs: 60_000, now: () => at });
    for (let host = 1; host <= 3; host += 1) limit.failed(`2001:db8:0:1::${host}`);
    expect(() => limit.check('2001:db8:0:1:ffff::9')).toThrow(
      expect.objectContaining({ code: 'rate-limited' }),
    );
    limit.check('2001:db8:0:2::1');
    at = 60_000;
    limit.check('2001:db8:0:1::1');
  });

  test('from very many addresses costs no more for each of them', () => {
    const limit = attemptLimit({ failures: 3, windowMs: 60_000, now: () => 0 });
    // Going through all of them at each failure would take minutes.
    for (let host = 0; host < 150_000; host += 1) {
      limit.failed(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`);
    }
    limit.check('192.0.2.1');
  }, 20_000);
});

describe('the end of a message', () => {
  const frames = fc.array(
    fc.record({
      opcode: fc.constantFrom(0x0, 0x1, 0x2, 0x8, 0x9, 0xa),
      payload: fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536).map((length) => new Uint8Array(length)),
      fin: fc.boolean(),
      isMasked: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  );

  test('is found whatever chunks the bytes come in', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 5000 }), (forms, chunkSize) => {
        const boundary = new MessageBoundary();
        let isFragmented = false;
        for (const form of forms) {
          const isControl = form.opcode >= 0x8;
          if (!isControl) isFragmented = !form.fin;
          const bytes = rawFrame(form);
          let ended = 0;
          for (let at = 0; at < bytes.length; at += chunkSize) {
            if (boundary.read(bytes.subarray(at, at + chunkSize))) ended += 1;
            const isLastChunk = at + chunkSize >= bytes.length;
            expect(boundary.isInside).toBe(isLastChunk ? isFragmented : true);
          }
          expect(ended).toBe(!isControl && form.fin ? 1 : 0);
        }
      }),
    );
  });

  test('and the beginning of the next one in the same bytes are told apart', () => {
    const boundary = new MessageBoundary();
    const both = Buffer.concat([textFrame('one'), textFrame('two').subarray(0, 3)]);
    expect([boundary.read(both), boundary.isInside]).toEqual([true, true]);
    expect([boundary.read(Buffer.alloc(1)), boundary.isInside]).toEqual([false, true]);
  });
});

describe('limits', () => {
  test('[D-5] one address gets so many connections, whatever it does with them, and no more', async () => {
    const from = '127.0.8.1';
    const most = SOCKETS * CONNECTIONS_PER_SOCKET;
    const held = [];
    for (let i = 0; i < most; i += 1) held.push(await open(from));
    await gone(await open(from));
    expect(held.every((wire) => !wire.destroyed)).toBe(true);
    held[0]!.destroy();
    const isServed = async (): Promise<boolean> => {
      const wire = await open(from);
      return Promise.race([upgrade(wire).then(() => true), once(wire, 'close').then(() => false)]);
    };
    await expect.poll(isServed, { timeout: 10_000 }).toBe(true);
  });

  test('[D-5] one address gets so many control connections, and is told so', async () => {
    const from = '127.0.8.2';
    for (let i = 0; i < SOCKETS; i += 1) expect(await upgrade(await open(from))).toMatch(/^HTTP\/1\.1 101/);
    const answer = await upgrade(await open(from));
    expect(answer).toMatch(/^HTTP\/1\.1 429/);
    expect(answer).toContain('"code":"too-many-connections"');
  });

  test('[D-9] a frame over 256 KiB closes its connection with 1009, before its content is waited for', async () => {
    const wire = await open();
    await upgrade(wire);
    let received = Buffer.alloc(0);
    wire.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    // The header alone, which announces one byte too many.
    const announced = { opcode: 1, payload: new Uint8Array(0), announcedLength: 256 * 1024 + 1 };
    wire.write(rawFrame(announced));
    await gone(wire);
    const close = received.subarray(-4);
    expect(close[0]).toBe(0x88);
    expect(close.readUInt16BE(2)).toBe(1009);
    expect((await fetch(`${coordinator.url}/healthz`)).status).toBe(200);
  });

  test('[D-9] whoever is not logged in sends no long bodies', async () => {
    const body = JSON.stringify({ token: 'x'.repeat(20_000) });
    const login = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    expect((await fetch(`${coordinator.url}/v1/admin/session`, login)).status).toBe(413);
  });

  test('[D-9] an upgrade to anything else is refused at once', async () => {
    for (const path of ['/', '/v1/socket', '/v1/sockets/?EIO=4&transport=websocket']) {
      const wire = await open();
      expect(await upgrade(wire, {}, path)).toMatch(/^HTTP\/1\.1 404/);
      await gone(wire);
    }
  });

  test('links and allowed origins do not get in the way of a library client', async () => {
    const socket = io(coordinator.url, { path: SOCKET_PATH, transports: ['websocket'], reconnection: false });
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(null));
      socket.once('connect_error', reject);
    });
    socket.disconnect();
  });
});
