/**
 * 50,000 control messages made from the wire schemas and then damaged, on real sockets, by strangers and by those who
 * have checked in to each kind of run. Every one of them must reach a handler or the door's refusal.
 */
import { clientMessageSchema } from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { HostedRun } from '../faults/hosted-coordinator.ts';
import { type HandMadeIdentity, handMadeIdentity } from '../hand-made-identity.ts';
import { connect, type Participant } from '../participant-driver.ts';
import {
  counter,
  type FuzzingGround,
  MOST_GROWTH_MEGABYTES,
  measureHeapGrowth,
  openFuzzingGround,
  printReach,
} from './fuzzing-ground.ts';
import {
  type Dice,
  dice,
  type Facts,
  generate,
  type Json,
  type JsonSchema,
  junk,
  mutate,
} from './generate.ts';

const PAYLOADS = 50_000;
const WARM_UP = 5000;
const LANES = 8;
/** A connection is closed after 50 refusals, and this test wants each payload looked at. */
const BATCH = 40;
/** Each seed that ever failed stays here, under the name of what it found. */
const SEEDS = [{ seed: 'payloads-1', finds: 'nothing so far' }] as const;

const MESSAGES = (z.toJSONSchema(clientMessageSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema)
  .oneOf!;
const typeOf = (schema: JsonSchema): string => String(schema.properties!.type!.const);
const CHECK_INS = MESSAGES.filter((schema) => typeOf(schema) === 'checkIn');
const OTHERS = MESSAGES.filter((schema) => typeOf(schema) !== 'checkIn');

let ground: FuzzingGround;
beforeAll(async () => {
  ground = await openFuzzingGround();
}, 60_000);
afterAll(() => ground.close());

describe('structure-aware socket payloads', () => {
  test.each(SEEDS)('seed $seed ($finds)', { timeout: 400_000 }, async ({ seed }) => {
    console.log(`fuzz payloads: seed ${seed}`);
    await admitFuzzers();
    const before = await ground.snapshot();
    const started = performance.now();
    const reachedBefore = await reach();
    const own = counter();
    const growth = await measureHeapGrowth(ground.host, {
      warmUp: () => fuzz(`${seed} warm-up`, WARM_UP, own.count),
      work: () => fuzz(seed, PAYLOADS - WARM_UP, own.count),
    });
    const reached = difference(await reach(), reachedBefore);
    printReach(`reach of ${PAYLOADS} payloads, by message type or refusal code:`, reached);
    console.log(
      `fuzz payloads: seed ${seed}, ${PAYLOADS} payloads in ${((performance.now() - started) / 1000).toFixed(0)} s, ` +
        `heap ${growth.toFixed(1)} MB, ${ground.host.accidents().length} uncaught errors`,
    );

    // What is handled counts once under its type, or once as one of these.
    const looked = [...MESSAGES.map(typeOf), 'message-malformed', 'rate-limited', 'internal'];
    const handled = looked.reduce((sum, name) => sum + (reached.get(name) ?? 0), 0);
    expect(handled - own.counts.get('own')!).toBe(PAYLOADS);
    expect(reached.get('internal') ?? 0).toBe(0);
    expect(reached.get('rate-limited') ?? 0).toBe(0);
    for (const name of [...MESSAGES.map(typeOf), ...EXPECTED_CODES])
      expect(reached.has(name), name).toBe(true);
    expect(growth).toBeLessThan(MOST_GROWTH_MEGABYTES);
    await ground.expectUnharmed(before);
  });
});

const EXPECTED_CODES = [
  'message-malformed',
  'not-checked-in',
  'round-mismatch',
  'not-a-member',
  'phase-mismatch',
  'frame-too-large',
  'protocol-unsupported',
  'ticket-invalid',
  'identity-in-use',
  'not-eligible',
  'identity-invalid',
  'secagg-roster-invalid',
];

/** How many messages the coordinator says that it handled, by type or refusal code. */
async function reach(): Promise<Map<string, number>> {
  const text = await (await fetch(`${ground.host.url}/metrics`)).text();
  const rows = text.matchAll(/^tributary_messages_total\{result="([^"]+)"\} (\d+)$/gm);
  return new Map([...rows].map(([, result, count]) => [result!, Number(count)]));
}

function difference(after: Map<string, number>, before: Map<string, number>): Map<string, number> {
  return new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
}

type Count = (name: string, by?: number) => void;

async function fuzz(seed: string, payloads: number, count: Count): Promise<void> {
  const share = payloads / LANES;
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) => fuzzLane(lane, `${seed} ${lane}`, share, count)),
  );
}

const fuzzedRuns = (): HostedRun[] => [ground.training, ground.reporting, ground.paused, ground.sharing];

/** The same few devices all the time: what is remembered of each of them is no leak. */
const fuzzer = (lane: number, run: number): HandMadeIdentity => handMadeIdentity(`fuzzer ${lane} of ${run}`);

/** That a device was admitted to a run is kept for good, and is no fault. */
async function admitFuzzers(): Promise<void> {
  for (const [which, run] of fuzzedRuns().entries()) {
    for (let lane = 0; lane < LANES; lane += 1) {
      const participant = connect(ground.host.url, run.ticket, fuzzer(lane, which));
      participant.checkIn();
      await participant.next('admitted');
      participant.close();
    }
  }
  const present = () =>
    Promise.all(fuzzedRuns().map(async ({ runId }) => (await ground.host.state(runId)).present.length));
  await expect.poll(present).toEqual([3, 3, 0, 6]);
}

async function fuzzLane(lane: number, seed: string, payloads: number, count: Count): Promise<void> {
  const roll = dice(seed);
  const runs = fuzzedRuns();
  for (let sent = 0; sent < payloads; ) {
    const which = roll.below(runs.length);
    const run = runs[which]!;
    const identity = fuzzer(lane, which);
    const participant = connect(ground.host.url, run.ticket, identity);
    const { nonce } = await participant.next('challenge');
    const isStranger = roll.chance(0.1);
    if (!isStranger) {
      participant.checkIn();
      await participant.next('admitted');
      count('own');
    }
    const facts: Facts = {
      ...identity.answer(nonce, run.ticket),
      protocol: 1,
      roundNumber: 1,
      modelHash: run.initialModel,
      updateBytes: 100,
    };
    sent += sendBatch(participant, { roll, facts, most: Math.min(BATCH, payloads - sent) });
    await saidGoodbye(participant, count);
  }
}

/** A check-in may be the last that a connection is heard with, so it ends the batch. */
function sendBatch(
  participant: Participant,
  { roll, facts, most }: { roll: Dice; facts: Facts; most: number },
): number {
  for (let sent = 1; sent <= most; sent += 1) {
    if (roll.chance(0.03)) {
      const message = generate(roll.pick(CHECK_INS), roll, facts);
      participant.send(roll.chance(0.3) ? message : mutate(message, roll));
      return sent;
    }
    const message = generate(roll.pick(OTHERS), roll, facts);
    emit(participant, roll.chance(0.4) ? message : mutate(message, roll), roll);
  }
  return most;
}

/** What JSON cannot say: which fields are bytes, and how many there are in one or more of a kind. */
const BYTES: Readonly<
  Record<string, { readonly field: string; readonly unit: number; readonly most: number }>
> = {
  keysOffered: { field: 'bytes', unit: 160, most: 1 },
  sharesSealed: { field: 'bytes', unit: 112, most: 10 },
  survivorsConfirmed: { field: 'signature', unit: 64, most: 1 },
  sharesRevealed: { field: 'bytes', unit: 32, most: 10 },
};

const MOST_WORDS = 900;

function withBytes(message: Json, roll: Dice): Json {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return message;
  const fields = message as { [key: string]: Json };
  const { type } = fields;
  const form = typeof type === 'string' && Object.hasOwn(BYTES, type) ? BYTES[type] : undefined;
  // More words than go with bytes would end the connection, and this test wants each payload looked at.
  const isLong = JSON.stringify(message).length > MOST_WORDS;
  if (!form || isLong || roll.chance(0.1)) return message;
  const length = form.unit * (1 + roll.below(form.most)) + (roll.chance(0.1) ? roll.below(9) - 4 : 0);
  const bytes = Buffer.from(Array.from({ length }, () => roll.below(256)));
  return { ...fields, [form.field]: bytes as unknown as Json };
}

function emit({ socket }: Participant, message: Json, roll: Dice): void {
  switch (roll.below(40)) {
    case 0:
      return void socket.emit(
        roll.pick(['hello', 'error', 'admitted', 'constructor', '__proto__', '']),
        message,
      );
    case 1:
      return void socket.emit('message');
    case 2:
      return void socket.emit('message', message, junk(roll));
    case 3:
      return void socket.emit('message', message, () => {});
    case 4:
      return void socket.emit('message', Buffer.from(JSON.stringify(message) ?? ''));
    case 5:
      return void socket.emit('message', {
        type: roll.pick(['ready', 'leave']),
        attachment: Buffer.alloc(roll.below(300)),
      });
    default:
      return void socket.emit('message', withBytes(message, roll));
  }
}

/** A protocol that nobody speaks: refused for good, after everything before it was handled. */
const UNSPOKEN = 424_242;

async function saidGoodbye(participant: Participant, count: Count): Promise<void> {
  const isGone = new Promise<void>((resolve) => {
    if (participant.socket.disconnected && participant.messages.length > 0) resolve();
    participant.socket.once('disconnect', () => resolve());
  });
  participant.checkIn({ protocol: UNSPOKEN });
  await isGone;
  const last = participant.messages.at(-1);
  if (last?.type === 'refused' && last.message.includes(`${UNSPOKEN}`)) count('own');
}
