/**
 * A coordinator that tells one person something else than it tells the others: the page refuses by rules of its own, and says
 * in plain words why. What stands between changes real messages of a real coordinator.
 */
import type { TaskManifestInput } from '@tributary/fl-core';
import { expectAccessible } from './fixtures/accessibility.ts';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import { type MessageTap, type TappedMessage, tapMessages } from './fixtures/message-tap.ts';
import { startNodeParticipants } from './fixtures/node-participants.ts';

const OTHERS = 6;
const SMALLEST_GROUP = 5;
const OFFER_BYTES = 192;

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Lies',
  seed: 'lies',
  model: { kind: 'softmax-regression', inputSize: 784, classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: {
    committedRounds: 1000,
    reportGoal: OTHERS + 1,
    overSelection: 1,
    minimumSurvivors: SMALLEST_GROUP,
    selectionSeconds: 3,
    trainingSeconds: 30,
    reportingSeconds: 12,
    rejoinSeconds: 3,
    comeBackSeconds: 1,
  },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
  compression: { codec: 'quantised' },
  secureAggregation: { mode: 'sa-1', corruptFraction: 0, dropoutFraction: 0.16, stageSeconds: 12 },
};

interface Lie {
  readonly what: string;
  readonly code: string;
  readonly words: RegExp;
  readonly tap: () => MessageTap;
}

const LIES: readonly Lie[] = [
  {
    what: 'a group of four',
    code: 'secagg-cohort-too-small',
    words: /smaller than your smallest group/,
    tap: () =>
      lying('rosterClosed', (message, { own }) => [
        changed(message, 'bytes', (roster) => fourOf(roster, own)),
      ]),
  },
  {
    what: 'two rosters',
    code: 'secagg-equivocation',
    words: /two different things about one sum/,
    tap: () => lying('rosterClosed', (message) => [message, changed(message, 'beacon', flipped)]),
  },
  {
    what: 'that this device is dead',
    code: 'secagg-survivors-invalid',
    words: /contradicted itself about who is still there/,
    tap: () =>
      lying('survivorsClosed', (message, { roster, own }) => [
        changed(message, 'survivors', (bits) => without(bits, indexIn(roster, own))),
      ]),
  },
  {
    what: 'that others signed what they did not sign',
    code: 'secagg-survivors-unconfirmed',
    words: /Too few others signed/,
    tap: () =>
      lying('unmaskRequested', (message) => [changed(message, 'bytes', (signatures) => altered(signatures))]),
  },
  {
    what: 'another past of the model',
    code: 'secagg-equivocation',
    words: /two different things about one sum/,
    tap: () =>
      lying('invited', ({ type, fields }) => [{ type, fields: { ...fields, modelLog: 'ab'.repeat(32) } }]),
  },
];

/** What a liar knows: the keys that this device offered, and the roster. */
interface Known {
  own: Buffer;
  roster: Buffer;
}

function lying(
  type: string,
  lie: (message: TappedMessage, known: Known) => readonly TappedMessage[],
): MessageTap {
  const known: Known = { own: Buffer.alloc(0), roster: Buffer.alloc(0) };
  return {
    sent(message) {
      if (message.type === 'keysOffered') known.own = message.fields.bytes as Buffer;
      return 'pass';
    },
    received(message) {
      if (message.type === 'rosterClosed') known.roster = message.fields.bytes as Buffer;
      return message.type === type ? lie(message, known) : 'pass';
    },
  };
}

test('a page refuses a coordinator that lies to it, whatever the lie, and says why', async ({
  coordinator,
  joinRun,
}) => {
  test.setTimeout(600_000);
  const { runId } = await coordinator.createRun(MANIFEST);
  const { joinUrl } = await coordinator.invite(runId);
  const others = await startNodeParticipants(OTHERS, { joinUrl, smallestGroup: SMALLEST_GROUP });
  const tab = await joinRun(runId, { name: 'tab', backend: 'plain' });
  const { page } = tab;
  await page.getByTestId('smallest-group').selectOption('10');
  await expect(page.getByTestId('run-too-small')).toContainText('at most 7 people');
  await expect(page.getByTestId('start')).toBeDisabled();
  await page.getByTestId('smallest-group').selectOption(String(SMALLEST_GROUP));
  await expect(page.getByTestId('run-too-small')).toHaveCount(0);
  const tap: MessageTap = {};
  await tapMessages(page, tap);
  await tab.reopen({ backend: 'plain' });
  await tab.takePart(await writeShard(loadDigits(), { start: 0, count: 40 }));
  await coordinator.steer(runId, 'launch');
  await expect(page.getByTestId('secure-sum')).toHaveAttribute('data-stage', 'revealed', { timeout: 60_000 });

  await expectAccessible(page, 'a sum that was opened');

  for (const { what, code, words, tap: lie } of LIES) {
    await test.step(what, async () => {
      Object.assign(tap, { sent: undefined, received: undefined }, lie());
      const refusal = page.getByTestId('secure-sum-refusal');
      await expect(refusal).toHaveAttribute('data-code', code, { timeout: 60_000 });
      await expect(refusal).toContainText(words);
      Object.assign(tap, { sent: undefined, received: undefined });
      await expect(page.getByTestId('secure-sum')).toHaveAttribute('data-stage', 'revealed', {
        timeout: 60_000,
      });
    });
  }
  await coordinator.steer(runId, 'stop');
  await others.close();
});

function changed(message: TappedMessage, field: string, change: (bytes: Buffer) => Buffer): TappedMessage {
  return { ...message, fields: { ...message.fields, [field]: change(message.fields[field] as Buffer) } };
}

const flipped = (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));

function offersOf(roster: Buffer): Buffer[] {
  return Array.from({ length: roster.length / OFFER_BYTES }, (_, i) =>
    roster.subarray(i * OFFER_BYTES, (i + 1) * OFFER_BYTES),
  );
}

/** Where an offer is that ends with these bytes. */
const indexIn = (roster: Buffer, own: Buffer) =>
  offersOf(roster).findIndex((offer) => offer.subarray(offer.length - own.length).equals(own));

/** This device's own among them. */
function fourOf(roster: Buffer, own: Buffer): Buffer {
  const offers = offersOf(roster);
  const mine = indexIn(roster, own);
  return Buffer.concat(offers.filter((_, i) => i === mine || (i > mine ? i - 1 : i) < 3));
}

/** Two bytes of index and 64 of signature each: another first byte of every signature. */
const altered = (signatures: Buffer) =>
  Buffer.from(signatures.map((byte, i) => (i % 66 === 2 ? byte ^ 1 : byte)));

const without = (bits: Buffer, index: number) =>
  Buffer.from(bits.map((byte, i) => (i === index >> 3 ? byte & ~(1 << (index & 7)) : byte)));
