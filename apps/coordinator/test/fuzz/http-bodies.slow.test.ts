/**
 * 10,000 HTTP requests: every operation that the coordinator's own OpenAPI document names, the routes of participants,
 * and addresses that nobody serves; with and without credentials, with bodies that are damaged, mislabelled, or not as
 * long as they say. None may change anything, and none may be the coordinator's own fault.
 */
import { connect as connectTcp } from 'node:net';
import { ERROR_CODES, JOIN_PATH, modelPath, UPDATES_PATH } from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  counter,
  type FuzzingGround,
  MOST_GROWTH_MEGABYTES,
  measureHeapGrowth,
  openFuzzingGround,
  printReach,
} from './fuzzing-ground.ts';
import { type Dice, dice, generate, type Json, type JsonSchema, junk, mutate } from './generate.ts';

const REQUESTS = 10_000;
const WARM_UP = 2000;
const LANES = 12;
/** Each seed that ever failed stays here, under the name of what it found. */
const SEEDS = [{ seed: 'http-1', finds: 'nothing so far' }] as const;

let ground: FuzzingGround;
let operations: readonly Operation[];
beforeAll(async () => {
  ground = await openFuzzingGround();
  operations = [...(await describedOperations()), ...otherOperations()];
}, 60_000);
afterAll(() => ground.close(), 20_000);

describe('HTTP bodies', () => {
  test.each(SEEDS)('seed $seed ($finds)', { timeout: 400_000 }, async ({ seed }) => {
    console.log(`fuzz http: seed ${seed}`);
    const before = await ground.snapshot();
    const started = performance.now();
    const { counts, count } = counter();
    const reached = new Set<Operation>();
    const noteworthy = (operation: Operation, answer: string) => {
      reached.add(operation);
      count(answer);
    };
    const growth = await measureHeapGrowth(ground.host, {
      warmUp: () => fuzz(`${seed} warm-up`, WARM_UP, noteworthy),
      work: () => fuzz(seed, REQUESTS - WARM_UP, noteworthy),
    });
    printReach(`how ${REQUESTS} requests to ${reached.size} operations were answered:`, counts);
    console.log(
      `fuzz http: seed ${seed}, ${REQUESTS} requests in ${((performance.now() - started) / 1000).toFixed(0)} s, ` +
        `heap ${growth.toFixed(1)} MB, ${ground.host.accidents().length} uncaught errors`,
    );

    expect(reached.size).toBe(operations.length);
    expect([...counts.keys()].filter((answer) => answer.startsWith('5'))).toEqual([]);
    // Node itself answers an expectation that it does not know.
    const uncoded = [...counts.keys()].filter((answer) => answer.includes('without a code'));
    expect(uncoded.filter((answer) => !answer.startsWith('417'))).toEqual([]);
    for (const answer of EXPECTED_ANSWERS) expect(counts.has(answer), answer).toBe(true);
    expect(growth).toBeLessThan(MOST_GROWTH_MEGABYTES);
    await ground.expectUnharmed(before);
  });
});

const EXPECTED_ANSWERS = [
  '400 message-malformed',
  '401 unauthorised',
  '401 ticket-invalid',
  '404 run-unknown',
  '404 not-found',
  '413 message-too-large',
  '422 update-hash-mismatch',
  '422 frame-length',
  '413 frame-too-large',
  '429 rate-limited',
];

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body: JsonSchema | null;
}

async function describedOperations(): Promise<Operation[]> {
  type Described = { requestBody?: { content: Record<string, { schema: JsonSchema }> } };
  const response = await fetch(`${ground.host.url}/v1/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      body: requestBody?.content['application/json']?.schema ?? null,
    })),
  );
}

function otherOperations(): Operation[] {
  const model = modelPath(ground.training.initialModel);
  return [
    ['PUT', UPDATES_PATH],
    ['PUT', UPDATES_PATH],
    ['PUT', UPDATES_PATH],
    ['POST', UPDATES_PATH],
    ['GET', JOIN_PATH],
    ['POST', JOIN_PATH],
    ['GET', model],
    ['HEAD', model],
    ['DELETE', model],
    ['GET', `${model}0`],
    ['GET', '/v1/models/..%2f..%2fsigning-key'],
    ['GET', '/v1/openapi.json'],
    ['GET', '/healthz'],
    ['POST', '/metrics'],
    ['GET', '/'],
    ['GET', '/join'],
    ['GET', '/assets/%2e%2e/%2e%2e/package.json'],
    ['GET', '/%zz'],
    ['GET', `/${'a'.repeat(5000)}`],
    ['OPTIONS', '/v1/admin/runs'],
    ['TRACE', '/v1/admin/runs'],
    ['PROPFIND', '/'],
    ['NONSENSE', '/'],
  ].map(([method, path]) => ({ method: method!, path: path!, body: null }));
}

type Note = (operation: Operation, answer: string) => void;

async function fuzz(seed: string, requests: number, note: Note): Promise<void> {
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const roll = dice(`${seed} ${lane}`);
    for (let sent = lane; sent < requests; sent += LANES) {
      const operation = roll.pick(operations);
      const request = requestFor(operation, roll);
      note(operation, await exchange(request, operation));
    }
  });
  await Promise.all(lanes);
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const BOGUS_IDS = [
  'run-00000000',
  '__proto__',
  'constructor',
  '..',
  '%00',
  '%F0%9F%9C%81',
  'a'.repeat(300),
  '-',
  '%2e%2e',
  '*',
];

interface Request {
  readonly bytes: Buffer;
  /** The body is shorter than it says: nobody can answer before this side gives up. */
  readonly isCutShort: boolean;
}

function requestFor(operation: Operation, roll: Dice): Request {
  const { method } = operation;
  const isSafe = SAFE_METHODS.has(method);
  const who = roll.pick(CREDENTIALS);
  // What an operator may do is no fault: then the run does not exist, or the body is certain to be refused.
  const isOperator = who === operatorBearer;
  const ids = [ground.training.runId, ground.reporting.runId, ground.paused.runId];
  const path = operation.path.replace(/\{\w+\}/g, () =>
    isOperator && !isSafe ? roll.pick(BOGUS_IDS) : roll.pick([...BOGUS_IDS, ...ids]),
  );
  const body = isSafe && roll.chance(0.8) ? null : bodyFor(operation, { roll, mustBeRefused: isOperator });
  const headers: string[] = [
    `host: 127.0.0.1:${ground.host.port}`,
    'connection: close',
    // As the proxy in front would say it; many addresses, or all would soon be one that guessed too often.
    `x-forwarded-for: 203.0.113.${roll.below(200)}`,
    ...who(roll),
    ...(roll.chance(0.2) ? roll.pick(ODD_HEADERS)(roll) : []),
  ];
  if (body === null) return { bytes: message(`${method} ${path}`, headers), isCutShort: false };
  const type = roll.chance(0.75) ? usualType(operation) : roll.pick(CONTENT_TYPES);
  const framed = roll.chance(0.6) ? honestly(body) : roll.pick(FRAMINGS)(body, roll);
  const all = [...headers, ...(type === '' ? [] : [`content-type: ${type}`]), ...framed.headers];
  return { bytes: message(`${method} ${path}`, all, framed.body), isCutShort: framed.isCutShort ?? false };
}

function message(target: string, headers: readonly string[], body: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([
    Buffer.from(`${target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'),
    body,
  ]);
}

const operatorBearer = () => [`authorization: Bearer ${ground.host.operatorToken}`];
const CREDENTIALS: readonly ((roll: Dice) => string[])[] = [
  operatorBearer,
  operatorBearer,
  () => [],
  () => [`authorization: Bearer ${ground.training.ticket}`],
  () => [`authorization: Bearer ${ground.uploadTicket}`],
  () => [`authorization: Bearer ${ground.uploadTicket}`],
  (roll) => [`authorization: Bearer ${ground.uploadTicket.slice(0, -1 - roll.below(40))}`],
  (roll) => [`authorization: Bearer ${roll.below(1e9)}`],
  (roll) => [
    `authorization: ${roll.pick(['Basic b3A6b3A=', 'Bearer', 'bearer ', 'Bearer a b', `Bearer ${'x'.repeat(5000)}`])}`,
  ],
  (roll) => [`cookie: tributary_session=${roll.pick(['', '__proto__', 'x'.repeat(2000), '%00'])}; a=b; =; ;`],
];

const ODD_HEADERS: readonly ((roll: Dice) => string[])[] = [
  () => ['origin: https://elsewhere.example.org'],
  () => ['origin: null'],
  () => ['origin: http://\u00ff'],
  () => ['accept: */*', 'accept-encoding: gzip, br;q=0.1, x'],
  () => ['if-none-match: "', 'range: bytes=0-', 'expect: nothing'],
  (roll) => [`x-long: ${'h'.repeat(roll.below(15_000))}`],
  () => ['content-encoding: gzip'],
  () => ['host: second'],
];

const usualType = ({ path }: Operation): string =>
  path === UPDATES_PATH ? 'application/octet-stream' : 'application/json';
const CONTENT_TYPES = [
  '',
  'text/plain',
  'application/json; charset=latin1',
  'application/JSON;;;',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'image/png',
  '/',
  'a'.repeat(1000),
];

interface BodyOptions {
  readonly roll: Dice;
  readonly mustBeRefused: boolean;
}

function bodyFor({ body, path }: Operation, { roll, mustBeRefused }: BodyOptions): Buffer {
  if (path === UPDATES_PATH || roll.chance(0.05)) return anyBytes(roll);
  if (roll.chance(0.2)) return roll.pick(BROKEN_JSON)(roll);
  const value = body ? generate(body, roll) : junk(roll);
  const damaged = roll.chance(0.7) ? mutate(value, roll) : value;
  return Buffer.from(JSON.stringify(mustBeRefused ? unwelcome(damaged, roll) : damaged) ?? 'undefined');
}

/** No schema of ours has room for it. */
function unwelcome(value: Json, roll: Dice): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['not', value ?? null];
  return { ...(value as { [key: string]: Json }), unwelcome: junk(roll) ?? null };
}

/** Lengths around that of the update which this ticket is for (its frame has 108 bytes), and far beyond. */
function anyBytes(roll: Dice): Buffer {
  const length = roll.pick([0, 1, 6, 107, 108, 108, 108, 109, 1000, 100_000]);
  return Buffer.alloc(length, roll.below(256));
}

const BROKEN_JSON: readonly ((roll: Dice) => Buffer)[] = [
  () => Buffer.from(''),
  () => Buffer.from('{'),
  () => Buffer.from('{"token":'),
  () => Buffer.from('{"token":"x",}'),
  () => Buffer.from("{'token':'x'}"),
  () => Buffer.from('nul'),
  () => Buffer.from('NaN'),
  () => Buffer.from('[1e999]'),
  () => Buffer.from('\ufeff{}x'),
  () => Buffer.from('{"__proto__":{"isOperator":true}}'),
  () => Buffer.from('{"constructor":{"prototype":{"isOperator":true}}}'),
  () => Buffer.from('{"token":"a","token":"b","token":1}'),
  () => Buffer.from('7b22746f6b656e223a22c328227d', 'hex'),
  (roll) => Buffer.from('['.repeat(1 + roll.below(20_000))),
  (roll) => Buffer.from('{"a":'.repeat(1 + roll.below(5000))),
  () => Buffer.from(`{"token":"${'x'.repeat(600_000)}"}x`),
  () => Buffer.alloc(4_300_000, ' '),
];

interface Framed {
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly isCutShort?: boolean;
}

const chunk = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
const CHUNKED = ['transfer-encoding: chunked'];
const honestly = (body: Buffer): Framed => ({ headers: [`content-length: ${body.length}`], body });

/** How a body says where it ends: RFC 9112, section 6; rightly, and in the ways in which it should not. */
const FRAMINGS: readonly ((body: Buffer, roll: Dice) => Framed)[] = [
  (body) => ({ headers: CHUNKED, body: Buffer.concat([chunk(body), Buffer.from('0\r\n\r\n')]) }),
  (body) => ({
    headers: CHUNKED,
    body: Buffer.concat([
      chunk(body.subarray(0, body.length >> 1)),
      ...(body.length > 1 ? [chunk(body.subarray(body.length >> 1))] : []),
      Buffer.from('0\r\ntrailer: x\r\n\r\n'),
    ]),
  }),
  (body) => ({ headers: CHUNKED, body: Buffer.concat([Buffer.from('zz\r\n'), body]), isCutShort: true }),
  (body) => ({ headers: CHUNKED, body: Buffer.concat([Buffer.from('-5\r\n'), body]), isCutShort: true }),
  (body) => ({
    headers: CHUNKED,
    body: Buffer.concat([Buffer.from('fffffffffffffffff\r\n'), body]),
    isCutShort: true,
  }),
  (body) => ({ headers: CHUNKED, body: chunk(body), isCutShort: true }),
  (body) => ({ headers: [`content-length: ${body.length + 10}`], body, isCutShort: true }),
  (body) => ({ headers: [`content-length: ${Math.max(0, body.length - 3)}`], body }),
  (body) => ({ headers: ['content-length: -1'], body }),
  (body) => ({ headers: ['content-length: 99999999999999999999999'], body }),
  (body) => ({ headers: [`content-length: ${body.length}`, 'content-length: 3'], body }),
  (body) => ({ headers: [`content-length: ${body.length}`, ...CHUNKED], body: chunk(body) }),
  (body) => ({ headers: ['transfer-encoding: gzip, chunked'], body: chunk(body), isCutShort: true }),
];

const GIVE_UP_MS = 25;
const PATIENCE_MS = 15_000;
const KNOWN_CODES: ReadonlySet<string> = new Set(ERROR_CODES);

/** Status and code of the answer; a refusal under /v1 that has no stable code is an error here. */
function exchange({ bytes, isCutShort }: Request, operation: Operation): Promise<string> {
  return new Promise((resolve, reject) => {
    const wire = connectTcp({ port: ground.host.port, host: '127.0.0.1' });
    const received: Buffer[] = [];
    const patience = setTimeout(() => {
      wire.destroy();
      reject(
        new Error(
          `no end of the answer to ${operation.method} ${operation.path}: ${bytes.toString('latin1').slice(0, 500)}`,
        ),
      );
    }, PATIENCE_MS);
    let giveUp: NodeJS.Timeout | undefined;
    wire.on('data', (data) => received.push(data));
    wire.on('error', () => {});
    wire.on('close', () => {
      clearTimeout(patience);
      clearTimeout(giveUp);
      const answer = Buffer.concat(received).toString('latin1');
      const [, status = 'none'] = /^HTTP\/1\.1 (\d{3})/.exec(answer) ?? [];
      const [, code] = /"code":"([^"]*)"/.exec(answer) ?? [];
      if (code !== undefined && Number(status) >= 400 && !KNOWN_CODES.has(code)) {
        return reject(new Error(`${status} with an unknown code: ${answer.slice(0, 500)}`));
      }
      resolve(Number(status) >= 400 ? `${status} ${code ?? 'without a code'}` : status);
    });
    wire.write(bytes, () => {
      if (isCutShort) giveUp = setTimeout(() => wire.end(), GIVE_UP_MS);
    });
  });
}
