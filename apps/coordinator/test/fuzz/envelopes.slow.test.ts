/**
 * 50,000 frames below the level of messages: WebSocket frames, engine.io and socket.io packets as no library of ours
 * would write them, and requests to upgrade that are almost right. Whatever comes of a connection, it ends.
 */
import { connect as connectTcp, type Socket as NetSocket } from 'node:net';
import { SOCKET_PATH } from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BINARY, rawFrame, TEXT, textFrame } from '../faults/raw-frames.ts';
import {
  counter,
  type FuzzingGround,
  MOST_GROWTH_MEGABYTES,
  measureHeapGrowth,
  openFuzzingGround,
  printReach,
} from './fuzzing-ground.ts';
import { type Dice, dice, junk } from './generate.ts';

const FRAMES = 50_000;
const WARM_UP = 5000;
const LANES = 16;
const MOST_FRAMES_PER_CONNECTION = 6;
/** Each seed that ever failed stays here, under the name of what it found. */
const SEEDS = [{ seed: 'envelopes-1', finds: 'a channel that is opened twice on one connection' }] as const;

let ground: FuzzingGround;
beforeAll(async () => {
  ground = await openFuzzingGround();
}, 60_000);
afterAll(() => ground.close());

describe('envelope-level frames', () => {
  test.each(SEEDS)('seed $seed ($finds)', { timeout: 400_000 }, async ({ seed }) => {
    console.log(`fuzz envelopes: seed ${seed}`);
    const before = await ground.snapshot();
    const started = performance.now();
    const { counts, count } = counter();
    const growth = await measureHeapGrowth(ground.host, {
      warmUp: () => fuzz(`${seed} warm-up`, WARM_UP, count),
      work: () => fuzz(seed, FRAMES - WARM_UP, count),
    });
    printReach(`how the connections of ${FRAMES} frames were answered:`, counts);
    console.log(
      `fuzz envelopes: seed ${seed}, ${FRAMES} frames in ${((performance.now() - started) / 1000).toFixed(0)} s, ` +
        `heap ${growth.toFixed(1)} MB, ${ground.host.accidents().length} uncaught errors`,
    );

    for (const answer of EXPECTED_ANSWERS) expect(counts.has(answer), answer).toBe(true);
    expect(growth).toBeLessThan(MOST_GROWTH_MEGABYTES);
    await ground.expectUnharmed(before);
  });

  test.each([
    ['again', ['40', '40']],
    ['after a goodbye', ['40', '41', '40']],
  ])('found: whoever opens the channel a second time, %s, is cut off', async (_, packets) => {
    const wire = connectTcp({ port: ground.host.port, host: '127.0.0.1' });
    const closed = new Promise((resolve) => void wire.once('close', resolve));
    wire.on('error', () => {});
    wire.write(upgradeRequest({}));
    await new Promise((resolve) => void wire.once('data', resolve));
    // In one piece, so that the second is read before the first has had its effect.
    wire.write(Buffer.concat(packets.map(textFrame)));
    wire.resume();
    await closed;
    expect(await ground.host.runIds()).not.toEqual([]);
    expect(ground.host.accidents()).toEqual([]);
  });

  test('found: whoever asks for another address and goes on writing is not kept for ever', async () => {
    const before = await ground.host.connections();
    const wires = Array.from({ length: 30 }, () => {
      const wire = connectTcp({ port: ground.host.port, host: '127.0.0.1' });
      wire.on('error', () => {});
      wire.write(upgradeRequest({ path: '/v1/elsewhere' }));
      // More than the coordinator's buffers take when nobody reads.
      wire.write(Buffer.alloc(300_000));
      return wire;
    });
    // engine.io, left to itself, would half-close them after a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const wire of wires) wire.destroy();
    await expect.poll(() => ground.host.connections(), { timeout: 10_000 }).toBeLessThan(before + 10);
  });
});

/** RFC 6455, section 7.4.1: protocol error, not UTF-8, too big; and what the requests are told. */
const EXPECTED_ANSWERS = [
  'close 1002',
  'close 1007',
  'close 1009',
  'HTTP 101',
  'HTTP 400',
  'packet 40',
  'packet 42 message-malformed',
];

type Count = (name: string) => void;

async function fuzz(seed: string, frames: number, count: Count): Promise<void> {
  const share = frames / LANES;
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const roll = dice(`${seed} ${lane}`);
    for (let sent = 0; sent < share; ) {
      const script = scriptOf(roll, Math.ceil(share - sent));
      sent += script.frames;
      const answers = await converse(script);
      if (answers.includes('never closed')) throw new Error(`never closed: ${JSON.stringify(script)}`);
      for (const answer of answers) count(answer);
    }
  });
  await Promise.all(lanes);
}

interface Script {
  readonly frames: number;
  readonly request: Buffer;
  /** How far to wait for the coordinator before the frames are sent: much of what can go wrong needs a session. */
  readonly until: 'nothing' | 'transport' | 'session';
  readonly rest: Buffer;
}

/** A request, harmless frames, and a last one after which no server would go on. */
function scriptOf(roll: Dice, most: number): Script {
  const isOdd = roll.chance(0.1);
  const request = isOdd ? oddRequest(roll) : upgradeRequest({});
  const until = isOdd
    ? 'nothing'
    : roll.pick(['nothing', 'transport', 'session', 'session', 'session'] as const);
  const parts: Buffer[] = [];
  const harmless = roll.below(Math.min(MOST_FRAMES_PER_CONNECTION, most));
  for (let i = 0; i < harmless; i += 1) parts.push(roll.pick(HARMLESS)(roll));
  parts.push(roll.pick(DEADLY)(roll));
  // A frame that is cut short keeps the connection open until its sender is tired of it; so does silence.
  if (roll.chance(0.5)) parts.push(CLOSE_FRAME);
  return { frames: harmless + 1, request, until, rest: Buffer.concat(parts) };
}

interface Upgrade {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | null>;
}

function upgradeRequest({ method = 'GET', path, headers = {} }: Upgrade): Buffer {
  const all: Record<string, string | null> = {
    host: '127.0.0.1',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const target = path ?? `${SOCKET_PATH}/?EIO=4&transport=websocket`;
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function oddRequest(roll: Dice): Buffer {
  return upgradeRequest(roll.pick(ODD_UPGRADES)(roll));
}

const query = (text: string) => ({ path: `${SOCKET_PATH}/?${text}` });
const ODD_UPGRADES: readonly ((roll: Dice) => Upgrade)[] = [
  () => ({ headers: { 'sec-websocket-version': '8' } }),
  () => ({ headers: { 'sec-websocket-key': 'short' } }),
  () => ({ headers: { 'sec-websocket-key': null } }),
  () => ({ headers: { upgrade: 'h2c' } }),
  () => ({ headers: { connection: 'close' } }),
  () => ({ headers: { origin: 'http://\u00e4\u00ff\u0001' } }),
  () => ({ headers: { origin: 'https://elsewhere.example.org' } }),
  () => ({ headers: { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits=99' } }),
  () => ({ headers: { 'sec-websocket-protocol': ',,,' } }),
  (roll) => ({
    headers: { 'x-forwarded-for': roll.pick(['', ',', '::', 'a'.repeat(3000), '10.0.0.1, evil']) },
  }),
  (roll) => ({ headers: { cookie: 'c'.repeat(roll.below(20_000)) } }),
  () => query('EIO=3&transport=websocket'),
  () => query('EIO=4&transport=polling'),
  () => query('EIO=4&transport=webtransport'),
  () => query('EIO=4&transport=__proto__'),
  () => query('EIO=4&transport=websocket&sid=__proto__'),
  () => query('EIO=4&transport=websocket&sid=nobody'),
  () => query('EIO[]=4&transport[]=websocket&transport=polling'),
  () => query('EIO=4&transport=websocket&%ff%zz=%'),
  () => query('&'.repeat(2000)),
  () => ({ path: '/v1/elsewhere' }),
  () => ({ path: '//v1/socket/../socket/' }),
  () => ({ path: '*' }),
  (roll) => ({ method: roll.pick(['POST', 'PUT', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', 'get']) }),
];

const CLOSE_FRAME = rawFrame({ opcode: 0x8, payload: Buffer.from([0x03, 0xe8]) });
const text = (payload: string): Buffer => textFrame(payload);
const engineText = (roll: Dice): string => JSON.stringify(['message', junk(roll)]) ?? '[]';

/** Frames that are in order, or that a server may well ignore. */
const HARMLESS: readonly ((roll: Dice) => Buffer)[] = [
  () => text('40'),
  () => text('6'),
  () => text('42["message",{"type":"leave"}]'),
  (roll) => text(`42${engineText(roll)}`),
  (roll) => text(`42${roll.below(1e9)}${engineText(roll)}`),
  () => rawFrame({ opcode: 0x9, payload: Buffer.from('ping') }),
  () => rawFrame({ opcode: 0xa, payload: Buffer.alloc(125) }),
  () => rawFrame({ opcode: 0x9, payload: Buffer.alloc(0) }),
  () =>
    Buffer.concat([
      rawFrame({ opcode: TEXT, fin: false, payload: Buffer.from('4') }),
      rawFrame({ opcode: 0, payload: Buffer.from('2["message"]') }),
    ]),
  () =>
    Buffer.concat([
      rawFrame({ opcode: TEXT, fin: false, payload: Buffer.from('42["mess') }),
      rawFrame({ opcode: 0x9, payload: Buffer.from('between') }),
      rawFrame({ opcode: 0, payload: Buffer.from('age",1]') }),
    ]),
];

const SOCKET_PACKETS = [
  '4',
  '4x',
  '40/admin,',
  '40/admin,{"token":1}',
  '40{',
  '41',
  '41/nobody,',
  '42',
  '42[]',
  '42[1]',
  '42["connect"]',
  '42["disconnect"]',
  '42["__proto__",{}]',
  '42[{"type":"leave"}]',
  '42["message",{"type":"leave"}',
  '42{"a":1}',
  '42"x"',
  '43',
  '4399999999999999999999[]',
  '44{"message":"no"}',
  '45',
  '451-["message",{"_placeholder":true,"num":0}]',
  '45-["message"]',
  '451["message"]',
  '45999999999999-["message"]',
  '45-1-["message"]',
  '451-["message",{"_placeholder":true,"num":-1}]',
  '451-["message",{"_placeholder":true,"num":"constructor"}]',
  '461-1["x"]',
  '47',
  '49',
  '4/',
  '42/,["message"]',
  '42/nobody,["message",1]',
  '42/v1,,,["message"]',
  '42["message",1e999]',
  '42[null]',
  '42[["message"]]',
  '42["message"]junk',
] as const;
const ENGINE_PACKETS = [
  '0',
  '0{"sid":"mine"}',
  '1',
  '2',
  '2probe',
  '3',
  '3probe',
  '5',
  '7',
  'b',
  'bAAAA',
  'hello',
  '',
  '\u0000',
  '-1',
  '42',
] as const;

/** Frames after which the connection has no future; sent last, so that everything before them was looked at. */
const DEADLY: readonly ((roll: Dice) => Buffer)[] = [
  (roll) => text(roll.pick(SOCKET_PACKETS)),
  (roll) => text(roll.pick(SOCKET_PACKETS)),
  (roll) => text(roll.pick(SOCKET_PACKETS)),
  (roll) => text(roll.pick(ENGINE_PACKETS)),
  (roll) => text(roll.pick(ENGINE_PACKETS)),
  (roll) => text(spoil(`42["message",{"type":"leave","reason":"out-of-time"}]`, roll)),
  (roll) => text(spoil(`451-["message",{"_placeholder":true,"num":0}]`, roll)),
  (roll) =>
    Buffer.concat([
      text(`45${1 + roll.below(3)}-["message",{"_placeholder":true,"num":${roll.below(4) - 1}}]`),
      rawFrame({ opcode: BINARY, payload: Buffer.alloc(roll.below(300)) }),
      text(roll.pick(SOCKET_PACKETS)),
    ]),
  (roll) => rawFrame({ opcode: BINARY, payload: bytes(roll, roll.below(200)) }),
  // RFC 6455, section 5: reserved opcodes, reserved bits, unmasked, fragmented or long control frames.
  (roll) => rawFrame({ opcode: roll.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: bytes(roll, 4) }),
  (roll) => rawFrame({ opcode: TEXT, reserved: 1 + roll.below(7), payload: Buffer.from('40') }),
  () => rawFrame({ opcode: TEXT, isMasked: false, payload: Buffer.from('40') }),
  () => rawFrame({ opcode: 0x9, fin: false, payload: Buffer.from('part') }),
  () => rawFrame({ opcode: 0x9, payload: Buffer.alloc(200) }),
  () => rawFrame({ opcode: 0, payload: Buffer.from('continues nothing') }),
  () =>
    Buffer.concat([
      rawFrame({ opcode: TEXT, fin: false, payload: Buffer.from('4') }),
      rawFrame({ opcode: TEXT, payload: Buffer.from('begins again') }),
    ]),
  (roll) =>
    rawFrame({
      opcode: TEXT,
      payload: Buffer.from(roll.pick(['c328', 'ff', 'eda080', 'f8a1a1a1a1', 'c0af']), 'hex'),
    }),
  (roll) =>
    rawFrame({
      opcode: TEXT,
      payload: Buffer.from('4'),
      announcedLength: roll.pick([70_000, 300_000, 2 ** 31, 2 ** 32, 2 ** 53]),
    }),
  (roll) => rawFrame({ opcode: TEXT, payload: bytes(roll, 50), announcedLength: roll.below(300) }),
  (roll) => rawFrame({ opcode: 0x8, payload: closePayload(roll) }),
  (roll) => bytes(roll, 1 + roll.below(60)),
  () => text(`42["message","${'x'.repeat(270_000)}"]`),
];

function closePayload(roll: Dice): Buffer {
  const code = roll.pick([0, 999, 1000, 1001, 1004, 1005, 1006, 1012, 1015, 2999, 3000, 4999, 65_535]);
  return roll.pick([
    Buffer.alloc(0),
    Buffer.from([3]),
    Buffer.from([code >> 8, code & 255]),
    Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from('c328', 'hex')]),
  ]);
}

const bytes = (roll: Dice, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => roll.below(256)));

/** One character less, more, or other. */
function spoil(packet: string, roll: Dice): string {
  const at = roll.below(packet.length);
  const instead = roll.pick([
    '',
    '"',
    '[',
    ']',
    '{',
    '}',
    '-',
    '0',
    '9'.repeat(30),
    '/',
    ',',
    '\u0000',
    '\\',
    '\u2028',
  ]);
  return packet.slice(0, at) + instead + packet.slice(at + roll.below(3));
}

const HANG_UP_MS = 30;
const PATIENCE_MS = 10_000;

/**
 * A server that waits for the rest of a frame may wait: then this side hangs up, and the server must let go.
 */
function converse({ request, until, rest }: Script): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const wire = connectTcp({ port: ground.host.port, host: '127.0.0.1', allowHalfOpen: false });
    const received: Buffer[] = [];
    let awaited = until;
    const patience = setTimeout(() => {
      received.push(Buffer.from('never closed'));
      wire.destroy();
    }, PATIENCE_MS);
    let tired: NodeJS.Timeout | undefined;
    const goOn = (): void => {
      awaited = 'nothing';
      wire.write(rest);
      tired = setTimeout(() => wire.end(), HANG_UP_MS);
    };
    wire.on('data', (chunk) => {
      received.push(chunk);
      answerClose(wire, chunk);
      if (awaited === 'nothing') return;
      if (chunk.includes(SESSION_OPENED)) goOn();
      else if (chunk.includes(TRANSPORT_OPENED)) awaited === 'session' ? wire.write(textFrame('40')) : goOn();
    });
    wire.on('error', () => {});
    wire.on('close', () => {
      clearTimeout(tired);
      clearTimeout(patience);
      resolve(answersIn(Buffer.concat(received)));
    });
    wire.write(request);
    if (until === 'nothing') goOn();
  });
}

const TRANSPORT_OPENED = '0{"sid"';
const SESSION_OPENED = '40{"sid"';

/** As a well-behaved peer would: the server then closes at once. */
function answerClose(wire: NetSocket, chunk: Buffer): void {
  if (chunk.includes(0x88)) wire.end(CLOSE_FRAME);
}

function answersIn(stream: Buffer): string[] {
  if (stream.includes('never closed')) return ['never closed'];
  if (stream.length === 0) return ['no answer'];
  const answers = [`HTTP ${stream.toString('latin1', 9, 12)}`];
  if (answers[0] !== 'HTTP 101') return answers;
  let offset = stream.indexOf('\r\n\r\n') + 4;
  while (offset + 2 <= stream.length) {
    // engine.io refuses an old protocol in HTTP, although the upgrade is done.
    if (stream.toString('latin1', offset, offset + 4) === 'HTTP') return [...answers, 'HTTP again'];
    const opcode = stream[offset]! & 15;
    let length = stream[offset + 1]!;
    offset += 2;
    if (length === 126) {
      length = stream.readUInt16BE(offset);
      offset += 2;
    }
    if (opcode === 8)
      answers.push(length >= 2 ? `close ${stream.readUInt16BE(offset)}` : 'close without a code');
    if (opcode === 10) answers.push('pong');
    if (opcode === 1) answers.push(packetIn(stream.toString('utf8', offset, offset + length)));
    offset += length;
  }
  return answers;
}

/** The packet's type, and the code when it says one: `42 message-malformed`. */
function packetIn(text: string): string {
  const [type] = /^(4[0-9]|[0-9b])/.exec(text) ?? ['?'];
  const [, code] = /"code":"([a-z-]+)"/.exec(text) ?? [];
  return `packet ${type}${code ? ` ${code}` : ''}`;
}
