/**
 * Connections that only take up room are cut off while a round goes on; `tributary bench load` does it with a
 * thousand and weighs the memory.
 */
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { modelPath, parseManifest, SOCKET_PATH } from '@tributary/fl-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostilityOf, openHostileConnection } from '../../../../benchmarks/load/hostile-connection.ts';
import { type Coordinator, startCoordinator } from '../../src/app.ts';
import { connect, takePart, updateOf } from '../participant-driver.ts';
import { smallTask } from '../small-task.ts';
import { disconnected, rawFrame, TEXT, textFrame, wireOf } from './raw-frames.ts';

/** The longest patience is 15 s, looked at once a second; the rest is for slow machines. */
const GONE_MS = 40_000;
const OF_EACH_KIND = 8;
const MANIFEST = smallTask({ committedRounds: 3, rejoinSeconds: 2 });
const wide = {
  kind: 'image' as const,
  height: 50,
  width: 50,
  channels: 1 as const,
  labels: Array.from({ length: 1000 }, (_, i) => `${i}`),
};
let plain: Coordinator;
let secure: Coordinator;

beforeAll(async () => {
  const options = { dataFolder: null, logLevel: 'silent' as const };
  plain = await startCoordinator(options);
  secure = await startCoordinator({ ...options, tls: { kind: 'self-signed' } });
});
afterAll(async () => {
  await plain.close();
  await secure.close();
});

/** Half open, like `openHostileConnection`: it never ends by itself. */
async function openWire(port: number, first = ''): Promise<Socket> {
  const wire = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.200.9', allowHalfOpen: true });
  wire.on('error', () => {});
  await once(wire, 'connect');
  if (first !== '') wire.write(Buffer.from(first, 'latin1'));
  return wire;
}
const gone = (wire: Socket): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['end', 'close']) wire.once(event, () => resolve());
    wire.resume();
  });

const UPGRADE =
  `GET ${SOCKET_PATH}/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n` +
  'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dHJpYnV0YXJ5IGJlbmNobQ==\r\n\r\n';

const KINDS: Record<string, () => Promise<Socket>> = {
  'a message in fragments without an end': async () => {
    const wire = await openWire(plain.port, UPGRADE);
    await once(wire, 'data');
    wire.write(rawFrame({ opcode: TEXT, payload: Buffer.from('4'), fin: false }));
    const trickle = setInterval(() => {
      wire.write(rawFrame({ opcode: 0, payload: Buffer.from('x'), fin: false }));
      wire.write(rawFrame({ opcode: 0x9, payload: Buffer.alloc(0) }));
    }, 500);
    wire.once('close', () => clearInterval(trickle));
    wire.once('end', () => clearInterval(trickle));
    return wire;
  },
  'no word after the handshake of the socket': () => openWire(plain.port, UPGRADE),
  'heartbeats and nothing else': async () => {
    const wire = await openWire(plain.port, UPGRADE);
    await once(wire, 'data');
    const beat = setInterval(() => wire.write(textFrame('3')), 500);
    wire.once('close', () => clearInterval(beat));
    wire.once('end', () => clearInterval(beat));
    return wire;
  },
  'one request, and then silence': () => openWire(plain.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'),
  'a refused request whose body trickles on': async () => {
    const wire = await openWire(
      plain.port,
      'PUT /v1/updates HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 9999\r\n\r\n',
    );
    const trickle = setInterval(() => void (wire.writable && wire.write('x')), 500);
    wire.once('close', () => clearInterval(trickle));
    wire.once('end', () => clearInterval(trickle));
    return wire;
  },
  'silence where TLS is spoken': () => openWire(secure.port),
  'half a TLS handshake': () => openWire(secure.port, '\x16\x03\x01\x02\x00\x01\x00'),
  'slow headers without TLS where TLS is spoken': () => openWire(secure.port, 'GET / HTTP/1.1\r\nhost'),
  'silence inside TLS': async () => {
    const wire = await openWire(secure.port);
    // Only to get past the handshake; what is on the other side does not matter here.
    const inner = connectTls({ socket: wire, rejectUnauthorized: false });
    inner.on('error', () => {});
    await once(inner, 'secureConnect');
    return inner;
  },
};

test('[D-9] whoever only takes up room is cut off, in whatever way, and rounds go on meanwhile', async () => {
  const run = await plain.createRun(MANIFEST);
  const ticket = await plain.admissionTicket(run, 1);
  const honest = [0, 1, 2].map(() => connect(plain.url, ticket));
  for (const participant of honest) participant.checkIn();
  for (const participant of honest) await participant.next('admitted');
  const waiting = await plain.createRun(MANIFEST);
  const halfSpoken = connect(plain.url, await plain.admissionTicket(waiting, 1));
  halfSpoken.checkIn();
  await halfSpoken.next('admitted');
  const handles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
  const before = handles();

  // Half a message after the check-in: whoever has been let in is under the same rule.
  wireOf(halfSpoken).write(textFrame('4'.repeat(1000)).subarray(0, 500));
  const halfSpokenGone = disconnected(halfSpoken);
  const opened = performance.now();
  const connections = await Promise.all(
    Array.from({ length: 3 * OF_EACH_KIND }, (_, i) =>
      openHostileConnection(hostilityOf(i), { port: plain.port, localAddress: `127.0.200.${1 + (i % 4)}` }),
    ),
  );
  const wires = await Promise.all(
    Object.entries(KINDS).flatMap(([kind, open]) =>
      Array.from({ length: OF_EACH_KIND }, async () => ({ kind, wire: await open() })),
    ),
  );

  const staying = new Set(['half a message after the check-in', ...wires.map(({ kind }) => kind)]);
  void halfSpokenGone.then(() => staying.delete('half a message after the check-in'));
  const ends = wires.map(async ({ kind, wire }) => {
    await gone(wire);
    staying.delete(kind);
  });
  await plain.steer(run, 'launch');
  const playRound = async (round: number): Promise<void> => {
    const update = updateOf(MANIFEST, round / 8);
    await Promise.all(honest.map((participant) => takePart(participant, plain.url, update)));
    for (const participant of honest) await participant.next('roundCommitted');
  };
  await playRound(1);
  await playRound(2);

  const patience = new Promise((resolve) => setTimeout(resolve, GONE_MS, 'still there').unref());
  const all = Promise.all([...ends, ...connections.map((connection) => connection.gone), halfSpokenGone]);
  expect(
    await Promise.race([all.then(() => 'all gone'), patience]),
    `still there: ${[...staying].join(', ')}`,
  ).toBe('all gone');
  // Patience was had: who is only slow is not cut off at once.
  expect(performance.now() - opened).toBeGreaterThan(9000);
  await playRound(3);
  expect(run.state.status).toBe('completed');

  // A connection that the coordinator only half closed would still be among its handles, beside our own end of it.
  const ours = connections.length + wires.filter(({ wire }) => !wire.destroyed).length;
  await expect.poll(() => handles() <= before + ours + OF_EACH_KIND / 2, { timeout: 10_000 }).toBe(true);
  for (const connection of connections) connection.close();
  for (const { wire } of wires) wire.destroy();
  for (const participant of [...honest, halfSpoken]) participant.close();
}, 120_000);

test('[D-9] whoever fetches models over TLS and does not read them costs next to nothing', async () => {
  const readers = 12;
  const run = await secure.createRun(
    parseManifest({
      ...MANIFEST,
      model: { kind: 'softmax-regression', inputSize: 2500, classes: 1000 },
      data: wide,
    }),
  );
  const { modelHash } = run.state;
  const modelBytes = 2500 * 1000 * 4;
  const ask = async (): Promise<Socket> => {
    const inner = connectTls({ socket: await openWire(secure.port), rejectUnauthorized: false });
    inner.on('error', () => {});
    await once(inner, 'secureConnect');
    inner.write(`GET ${modelPath(modelHash)} HTTP/1.1\r\nhost: x\r\n\r\n`);
    return inner;
  };
  // Reads a first one whole, so that the model is in memory.
  const first = await ask();
  let received = 0;
  first.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await expect.poll(() => received, { timeout: 30_000 }).toBeGreaterThan(modelBytes);
  const before = process.memoryUsage().rss;
  const slow = await Promise.all(Array.from({ length: readers }, ask));
  await Promise.all(slow.map((inner) => once(inner, 'readable')));
  // All of them would cost 120 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(0.6 * readers * modelBytes);
  for (const inner of [first, ...slow]) inner.destroy();
}, 120_000);
