/**
 * Hostile and unlucky members of a secure sum, against a real coordinator: the round commits with the survivors or is
 * abandoned by rule, whoever lies is named, and nothing ever hangs. Six members; four shares rebuild a secret.
 */
import { type RoundSummary, type RunDetail, runDetailSchema, type TaskManifest } from '@tributary/fl-core';
import { afterEach, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { putUpdate } from './participant-driver.ts';
import { type Conduct, type SecureMember, type Stage, secureMember } from './secure-member.ts';
import { secureReference } from './secure-reference.ts';
import { secureTask } from './small-task.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const LONGEST_ROUND_MS = 40_000;
let coordinator: Coordinator;
let run: RunSupervisor;
let members: readonly SecureMember[] = [];

afterEach(async () => {
  for (const member of members) member.disconnect();
  await coordinator.close();
});

/** One round; the last members behave as told. */
async function play(
  conducts: Readonly<Record<string, Conduct>>,
  rounds: Partial<TaskManifest['rounds']> = {},
): Promise<RoundSummary> {
  const manifest = secureTask({ committedRounds: 1, reportingSeconds: 4, rejoinSeconds: 1, ...rounds }, 4);
  coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
  run = await coordinator.createRun(manifest);
  const { runId } = run;
  const ticket = await coordinator.admissionTicket(run, 1);
  members = NAMES.map((name) =>
    secureMember({ name, runId, ticket, manifest, conduct: conducts[name] ?? {} }),
  );
  for (const member of members) member.connect(coordinator.url);
  await expect.poll(() => run.state.present.length, { timeout: 10_000 }).toBe(NAMES.length);
  await coordinator.steer(run, 'launch');
  await expect
    .poll(async () => (await detail()).rounds.length, { timeout: LONGEST_ROUND_MS })
    .toBeGreaterThan(0);
  const [round] = (await detail()).rounds;
  if (round!.outcome === 'committed') {
    // Whoever vanished after its update was in has not heard that it counts.
    const survivors = round!.accepted === NAMES.length ? NAMES : NAMES.filter(isIn);
    expect(survivors).toHaveLength(round!.accepted);
    if (!Object.values(conducts).some(({ tamper }) => tamper))
      expect(round!.modelHash).toBe(secureReference(manifest).after(survivors).hash);
  }
  return round!;
}

async function detail(): Promise<RunDetail> {
  const response = await fetch(`${coordinator.url}/v1/admin/runs/${run.runId}`, {
    headers: { authorization: `Bearer ${coordinator.operatorToken}` },
  });
  return runDetailSchema.parse(await response.json());
}

const memberOf = (name: string): SecureMember => members.find((member) => member.name === name)!;
const isIn = (name: string): boolean => {
  const outcome = memberOf(name).outcomes.get(1);
  return outcome?.type === 'roundCommitted' && outcome.accepted;
};
const refusalsOf = (name: string): unknown[] =>
  memberOf(name).messages.flatMap((message) => (message.type === 'refused' ? [message.code] : []));
const countsOf = ({ secureSum }: RoundSummary) =>
  Object.fromEntries(secureSum?.stages.map(({ stage, members }) => [stage, members]) ?? []);
const silent = (at: Stage): Conduct => ({ before: (stage) => stage !== at });
const vanishing = (at: Stage): Conduct => ({
  before(stage, _, member) {
    if (stage === at) member.disconnect();
    return stage !== at;
  },
});
const spoilt = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const altering = (at: Stage, change: (bytes: Uint8Array) => Uint8Array): Conduct => ({
  alter: (stage, bytes) => (stage === at ? change(bytes) : bytes),
});

describe('[D-12] one member', () => {
  test.each<Stage>(['seal', 'mask', 'upload', 'confirm', 'reveal'])(
    'vanishes before it would %s: the others commit',
    { timeout: 60_000 },
    async (stage) => {
      const round = await play({ f: vanishing(stage) });
      expect(round.outcome).toBe('committed');
      expect(round.accepted).toBe(stage === 'confirm' || stage === 'reveal' ? 6 : 5);
    },
  );

  test('vanishes before its keys are there: the cohort closes without it', { timeout: 60_000 }, async () => {
    const round = await play({ f: vanishing('offer') });
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5, trained: 5 });
  });

  test('signs its keys for another task: it is refused, and the cohort closes without it', {
    timeout: 60_000,
  }, async () => {
    const round = await play({ f: altering('offer', (bytes) => spoilt(bytes, 159)) }, { trainingSeconds: 4 });
    expect(refusalsOf('f')).toContain('secagg-roster-invalid');
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5 });
  });

  test('offers a key of low order: it is refused', { timeout: 60_000 }, async () => {
    const round = await play(
      { f: altering('offer', (bytes) => bytes.map((byte, i) => (i < 32 ? 0 : byte))) },
      { trainingSeconds: 4 },
    );
    expect(refusalsOf('f').length).toBeGreaterThan(0);
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5 });
  });

  test('sends fewer sealed shares than it has neighbours: it is named, and left out without a trace', {
    timeout: 60_000,
  }, async () => {
    const round = await play({ f: altering('seal', (bytes) => bytes.subarray(112)) });
    expect(refusalsOf('f')).toContain('secagg-message-malformed');
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5 });
    expect(countsOf(round)).toMatchObject({ sharing: 5, masking: 5 });
  });

  test('seals shares that do not open: those whom it dealt them to go no further, and nothing is unmasked', {
    timeout: 60_000,
  }, async () => {
    const round = await play({
      f: altering('seal', (bytes) => bytes.map((byte, i) => (i % 112 === 0 ? byte ^ 1 : byte))),
    });
    expect(round).toMatchObject({ outcome: 'abandoned', reason: 'too-few-survivors' });
    // Asked twice, it refuses twice.
    expect([...new Set(memberOf('a').refusals)]).toEqual(['secagg-share-invalid']);
  });

  test('signs other survivors than those it was told: it is named, and the others unmask', {
    timeout: 60_000,
  }, async () => {
    const round = await play({ f: altering('confirm', (bytes) => spoilt(bytes, 0)) });
    expect(refusalsOf('f')).toContain('secagg-survivors-unconfirmed');
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
    expect(countsOf(round)).toMatchObject({ masking: 6, confirming: 5 });
  });

  test('reveals a wrong share: it is named, and the others are enough', { timeout: 60_000 }, async () => {
    const round = await play({ f: altering('reveal', (bytes) => spoilt(bytes, 40)) });
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
    // Unless the others were enough before it was heard.
    expect(['secagg-share-invalid', undefined]).toContain(refusalsOf('f')[0]);
  });

  test('reveals too few shares: it is named', { timeout: 60_000 }, async () => {
    let isLast = () => {};
    const others = new Promise<void>((resolve) => {
      isLast = resolve;
    });
    // The others wait for the liar, so that it is heard.
    const waiting: Conduct = { before: (stage) => (stage === 'reveal' ? others.then(() => true) : true) };
    const liar: Conduct = {
      alter(stage, bytes, member) {
        if (stage !== 'reveal') return bytes;
        void expect
          .poll(() => member.messages.some((message) => message.type === 'refused'), { timeout: 5000 })
          .toBe(true)
          .finally(isLast);
        return bytes.subarray(32);
      },
    };
    const round = await play({ a: waiting, b: waiting, c: waiting, d: waiting, e: waiting, f: liar });
    expect(refusalsOf('f')).toContain('secagg-message-malformed');
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
    expect(countsOf(round)).toMatchObject({ confirming: 6, revealing: 5 });
  });

  test('never reveals: nobody waits for it', { timeout: 60_000 }, async () => {
    const round = await play({ f: silent('reveal') });
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
    expect(countsOf(round)).toMatchObject({ revealing: 5 });
  });

  test('counts itself twice in its tail: what is left is no sum, and nothing becomes of it', {
    timeout: 60_000,
  }, async () => {
    const round = await play({ f: { tamper: ([, tail]) => tail.addValues(Int32Array.of(1, 0, 0, 0, 0)) } });
    expect(round).toMatchObject({ outcome: 'abandoned', reason: 'aggregation-failed' });
  });
});

describe('[D-12] two members', () => {
  test.each<Stage>(['seal', 'mask', 'upload', 'confirm', 'reveal'])(
    'vanish before they would %s: the round ends by rule',
    { timeout: 60_000 },
    async (stage) => {
      const round = await play({ e: vanishing(stage), f: vanishing(stage) });
      // Four are enough to be a sum, and only three of them hold shares of the fourth.
      expect(round).toMatchObject({ outcome: 'abandoned', reason: 'too-few-survivors' });
    },
  );
});

describe('[D-12] an upload', () => {
  test('that comes after its sender was declared dead is refused, and is in no sum', {
    timeout: 60_000,
  }, async () => {
    let late: Promise<Response> | null = null;
    const upload: Conduct = {
      async before(stage, _, member) {
        if (stage !== 'upload') return true;
        const granted = member.messages.findLast((message) => message.type === 'uploadGranted');
        if (granted?.type !== 'uploadGranted') return false;
        void expect
          .poll(() => run.state.round?.phase !== 'reporting', { timeout: 20_000 })
          .toBe(true)
          .then(() => {
            late = putUpdate(coordinator.url, granted.uploadTicket, member.frame()!);
          });
        return false;
      },
    };
    const round = await play({ f: upload });
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5 });
    await expect.poll(() => late !== null).toBe(true);
    const response = await late!;
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(((await response.json()) as { code: string }).code).toMatch(
      /phase-mismatch|round-mismatch|not-a-member/,
    );
  });

  test('that comes twice counts once, and another one in its place does not count', {
    timeout: 60_000,
  }, async () => {
    const codes: string[] = [];
    const twice: Conduct = {
      async before(stage, roundNumber, member) {
        if (stage !== 'upload') return true;
        const granted = member.messages.findLast((message) => message.type === 'uploadGranted');
        if (granted?.type !== 'uploadGranted') return false;
        const frame = member.frame()!;
        const other = frame.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
        for (const bytes of [other, frame, frame, other]) {
          const response = await putUpdate(coordinator.url, granted.uploadTicket, bytes);
          codes.push(((await response.json()) as { code?: string }).code ?? 'accepted');
        }
        member.say({ type: 'masked', roundNumber, updateHash: 'ab'.repeat(32), updateBytes: frame.length });
        return false;
      },
    };
    const round = await play({ a: twice });
    expect(codes.slice(0, 3)).toEqual(['update-hash-mismatch', 'accepted', 'accepted']);
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
  });

  test('that is truncated changes nothing, and may come again', { timeout: 60_000 }, async () => {
    let tries = 0;
    const truncated: Conduct = {
      async before(stage, _, member) {
        if (stage !== 'upload') return true;
        const granted = member.messages.findLast((message) => message.type === 'uploadGranted');
        if (granted?.type !== 'uploadGranted') return false;
        const response = await putUpdate(
          coordinator.url,
          granted.uploadTicket,
          member.frame()!.subarray(0, 30),
        );
        expect(((await response.json()) as { code: string }).code).toBe('frame-length');
        tries += 1;
        return true;
      },
    };
    const round = await play({ f: truncated });
    expect(tries).toBe(1);
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
  });

  test('that is longer than a masked update of this plan cannot be announced', {
    timeout: 60_000,
  }, async () => {
    const round = await play({ f: altering('mask', (bytes) => Uint8Array.of(...bytes, 0)) });
    expect(refusalsOf('f')).toContain('frame-too-large');
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5 });
  });

  test('that is not masked is refused', { timeout: 60_000 }, async () => {
    const unmasked = altering('mask', (bytes) => bytes.map((byte, i) => (i === 6 ? 0 : byte)));
    const round = await play({ f: unmasked });
    const [first, ...later] = memberOf('f').uploads;
    expect(first).toEqual({ roundNumber: 1, status: 422, code: 'frame-dtype' });
    // A grant that was under way may bring it once more.
    expect(later.every(({ status }) => status === 409)).toBe(true);
    expect(round).toMatchObject({ outcome: 'committed', accepted: 5 });
  });
});

describe('[D-12] what is said out of turn', () => {
  test('changes nothing', { timeout: 60_000 }, async () => {
    let isSaid = false;
    const hasty: Conduct = {
      before(stage, roundNumber, member) {
        if (stage === 'offer' && !isSaid) {
          isSaid = true;
          member.say({ type: 'sharesSealed', roundNumber, bytes: new Uint8Array(560) });
          member.say({ type: 'survivorsConfirmed', roundNumber, signature: new Uint8Array(64) });
          member.say({ type: 'sharesRevealed', roundNumber, bytes: new Uint8Array(160) });
          member.say({ type: 'masked', roundNumber, updateHash: 'ab'.repeat(32), updateBytes: 60 });
        }
        return true;
      },
    };
    const round = await play({ a: hasty });
    expect(refusalsOf('a')).toEqual(Array(4).fill('phase-mismatch'));
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
  });

  test('again and the same is taken once; another thing in its place is not', {
    timeout: 60_000,
  }, async () => {
    const stuttering: Conduct = {
      alter(stage, bytes, member) {
        const types = { seal: 'sharesSealed', reveal: 'sharesRevealed' } as const;
        if (stage !== 'seal' && stage !== 'reveal') return bytes;
        const message = { type: types[stage], roundNumber: 1 };
        queueMicrotask(() => {
          member.say({ ...message, bytes });
          if (stage === 'seal') member.say({ ...message, bytes: spoilt(bytes, 3) });
        });
        return bytes;
      },
    };
    const round = await play({ a: stuttering });
    // It may have been asked twice.
    expect([...new Set(refusalsOf('a'))]).toEqual(['secagg-equivocation']);
    expect(round).toMatchObject({ outcome: 'committed', accepted: 6 });
  });
});
