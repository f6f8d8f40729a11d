/**
 * The fault matrix: what took a comparable server down, row by row, against a running coordinator and with real
 * sockets. After each row the honest participants' rounds are committed, the process lives, the model is bit for
 * bit that of the accepted updates, and whoever was refused was told a stable code.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame, SOCKET_PATH } from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeSha256 } from '../../src/native-sha256.ts';
import {
  announce,
  connect,
  type HandMadeUpdate,
  type Participant,
  putUpdate,
} from '../participant-driver.ts';
import { type HostedCoordinator, hostCoordinator } from './hosted-coordinator.ts';
import { BINARY, disconnected, rawFrame, TEXT, textFrame, wireOf } from './raw-frames.ts';
import type { AcceptedUpdate } from './reference-model.ts';
import {
  accepted,
  closeScene,
  compareModels,
  honestUpdate,
  openScene,
  playRound,
  type Scene,
  type SceneOptions,
  untilGranted,
} from './scene.ts';

let host: HostedCoordinator;
const folders: string[] = [];
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-faults-'));
  folders.push(folder);
  return folder;
};

beforeAll(async () => {
  host = await hostCoordinator({ dataFolder: await newFolder(), checkInTimeoutMs: 2000 });
}, 60_000);
afterAll(async () => {
  await host.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

interface Row {
  readonly title: string;
  readonly scene?: SceneOptions;
  /** What happens during the first round; says how it was answered. */
  readonly deed: (scene: Scene) => Promise<string>;
  readonly answer: string | RegExp;
}

const inTheRound = async ({ hostile }: Scene): Promise<number> => (await hostile.next('invited')).roundNumber;
const refusalOf = async (participant: Participant): Promise<string> =>
  (await participant.next('refused')).code;
const hasClosed = async (participant: Participant): Promise<string> => {
  await disconnected(participant);
  return 'connection closed';
};

/** Bytes below every library, and what comes of them. */
const raw =
  (bytes: () => Uint8Array, outcome: (participant: Participant) => Promise<string>) =>
  async (scene: Scene): Promise<string> => {
    await inTheRound(scene);
    const answer = outcome(scene.hostile);
    wireOf(scene.hostile).write(bytes());
    return answer;
  };

const says =
  (message: (roundNumber: number, scene: Scene) => unknown) =>
  async (scene: Scene): Promise<string> => {
    scene.hostile.send(message(await inTheRound(scene), scene));
    return refusalOf(scene.hostile);
  };

/** Announces the update, is granted the upload, and sends `body`, which is the update unless the row says otherwise. */
const uploads =
  (update: (scene: Scene) => HandMadeUpdate, body?: (update: HandMadeUpdate) => Uint8Array) =>
  async (scene: Scene): Promise<string> => {
    const bad = update(scene);
    const { uploadTicket } = await untilGranted(scene.hostile, bad);
    return codeOf(await putUpdate(scene.host.url, uploadTicket, body ? body(bad) : bad.frame));
  };

const codeOf = async (response: Response): Promise<string> =>
  response.ok ? 'accepted' : ((await response.json()) as { code: string }).code;

const SHAPES = [[4, 2], [2]];
const frameOf = (values: readonly number[], shapes: number[][] = SHAPES): HandMadeUpdate =>
  announce(encodeFrame({ shapes, values: Float32Array.from(values) }, nativeSha256));
const filledWith = (value: number): HandMadeUpdate => frameOf(Array(10).fill(value));
const decent = ({ manifest }: Scene): HandMadeUpdate => honestUpdate(manifest, 40, 1);

/** The header promises what the payload does not hold; magic and checksum are right. */
const disagreeing = (): HandMadeUpdate => {
  const { frame } = frameOf(Array(10).fill(0.5));
  const body = frame.slice(0, -32);
  new DataView(body.buffer).setUint32(20, 5, true);
  return announce(new Uint8Array(Buffer.concat([body, nativeSha256(body)])));
};

const MEGABYTE = 1_000_000;
const bigTextFrame = (bytes: number): Buffer => rawFrame({ opcode: TEXT, payload: Buffer.alloc(bytes, 'a') });

const ROWS: readonly Row[] = [
  {
    title: '10 join, 9 send, the tenth closes',
    scene: { honest: 9 },
    answer: 'connection closed',
    async deed(scene) {
      await inTheRound(scene);
      scene.hostile.close();
      return 'connection closed';
    },
  },
  {
    title: 'one of ten half-open (socket paused)',
    scene: { honest: 9, plan: { trainingSeconds: 3 } },
    answer: 'deadline',
    async deed(scene) {
      await inTheRound(scene);
      wireOf(scene.hostile).pause();
      return 'deadline';
    },
  },
  {
    title: 'one of ten half-open after it was ready',
    scene: { honest: 9, plan: { trainingSeconds: 3, reportingSeconds: 3 } },
    answer: 'deadline',
    async deed(scene) {
      await untilGranted(scene.hostile, decent(scene));
      wireOf(scene.hostile).pause();
      return 'deadline';
    },
  },
  {
    title: 'a socket that never says anything',
    answer: 'connection closed',
    async deed(scene) {
      const silent = connect(scene.host.url, scene.run.ticket);
      await new Promise<void>((resolve) => silent.socket.once('connect', () => resolve()));
      return hasClosed(silent);
    },
  },
  { title: 'text "hello"', deed: raw(() => textFrame('hello'), hasClosed), answer: 'connection closed' },
  {
    title: 'the event "hello"',
    deed: raw(() => textFrame('42["hello"]'), refusalOf),
    answer: 'message-malformed',
  },
  { title: 'empty frame', deed: raw(() => textFrame(''), hasClosed), answer: 'connection closed' },
  {
    title: 'random bytes',
    deed: raw(() => rawFrame({ opcode: BINARY, payload: Buffer.from('8f3c01ff00e177a9', 'hex') }), hasClosed),
    answer: 'connection closed',
  },
  {
    title: 'payload missing',
    deed: raw(() => textFrame('42["message"]'), refusalOf),
    answer: 'message-malformed',
  },
  {
    title: 'bad payload',
    deed: raw(() => textFrame('42["message",{"type":"ready"}]'), refusalOf),
    answer: 'message-malformed',
  },
  { title: 'payload of another type', deed: says(() => 'an update'), answer: 'message-malformed' },
  { title: 'shape and data disagree', deed: uploads(disagreeing), answer: 'frame-length' },
  {
    title: 'wrong shape',
    deed: uploads(() => frameOf(Array(10).fill(0.5), [[2, 4], [2]])),
    answer: 'frame-shape',
  },
  {
    title: 'fewer tensors',
    deed: uploads(() => frameOf(Array(8).fill(0.5), [[4, 2]])),
    answer: 'frame-shape',
  },
  {
    title: '90 MB frame',
    deed: raw(() => bigTextFrame(90 * MEGABYTE), hasClosed),
    answer: 'connection closed',
  },
  {
    title: '106 MB frame',
    deed: raw(() => bigTextFrame(106 * MEGABYTE), hasClosed),
    answer: 'connection closed',
  },
  {
    title: '90 MB announced',
    deed: says((roundNumber, scene) => ({
      type: 'ready',
      roundNumber,
      ...decent(scene).announcement,
      updateBytes: 90 * MEGABYTE,
    })),
    answer: 'frame-too-large',
  },
  {
    title: '106 MB uploaded in place of what was announced',
    deed: async (scene) => {
      const { uploadTicket } = await untilGranted(scene.hostile, decent(scene));
      // Whoever is cut off while still writing may see no answer at all.
      return putUpdate(scene.host.url, uploadTicket, Buffer.alloc(106 * MEGABYTE)).then(
        codeOf,
        () => 'connection closed',
      );
    },
    answer: /^(frame-too-large|connection closed)$/,
  },
  {
    title: '6-byte bad frame',
    deed: uploads(() => announce(Buffer.from('TRBF\x01\x00'))),
    answer: 'frame-length',
  },
  {
    title: '6-byte bad frame on the socket',
    deed: raw(() => Buffer.from('8f84000000ff', 'hex'), hasClosed),
    answer: 'connection closed',
  },
  { title: 'all NaN', deed: uploads(() => filledWith(Number.NaN)), answer: 'update-not-finite' },
  {
    title: 'infinity',
    deed: uploads(() => filledWith(Number.POSITIVE_INFINITY)),
    answer: 'update-not-finite',
  },
  { title: '1e38', deed: uploads(() => filledWith(1e38)), answer: 'update-out-of-range' },
  { title: 'broadcastable [1] of 1e6', deed: uploads(() => frameOf([1e6], [[1]])), answer: 'frame-shape' },
  {
    title: 'round 9999',
    deed: says((_, scene) => ({ type: 'ready', roundNumber: 9999, ...decent(scene).announcement })),
    answer: 'round-mismatch',
  },
  {
    title: 'round "abc"',
    deed: says((_, scene) => ({ type: 'ready', roundNumber: 'abc', ...decent(scene).announcement })),
    answer: 'message-malformed',
  },
  {
    title: 'unknown type',
    deed: says((roundNumber) => ({ type: 'update', roundNumber, values: [1, 2, 3] })),
    answer: 'message-malformed',
  },
  {
    title: 'a future round',
    deed: says((roundNumber, scene) => ({
      type: 'ready',
      roundNumber: roundNumber + 1,
      ...decent(scene).announcement,
    })),
    answer: 'round-mismatch',
  },
  {
    title: 'one update announced, another one sent',
    deed: uploads(decent, () => filledWith(0.75).frame),
    answer: 'update-hash-mismatch',
  },
];

interface Verdict {
  readonly title: string;
  readonly answer: string;
  readonly hang: boolean;
  readonly exit: boolean;
  readonly poisoned: boolean;
}
const verdicts: Verdict[] = [];
const PATIENCE_MS = 60_000;

/** Plays a row, and writes down whether it ended, whether the process lives, and whether the model is what it must be. */
async function judge(
  title: string,
  play: () => Promise<{ answer: string; models: readonly { actual: string; expected: string }[] }>,
  of: () => HostedCoordinator = () => host,
): Promise<string> {
  let patience: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    patience = setTimeout(() => reject(new Error(`${title}: hangs`)), PATIENCE_MS);
  });
  try {
    const { answer, models } = await Promise.race([play(), tooLate]);
    const isServing = await fetch(`${of().url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    const verdict: Verdict = {
      title,
      answer,
      hang: false,
      exit: !isServing || of().accidents().length > 0,
      poisoned: models.some(({ actual, expected }) => actual !== expected),
    };
    verdicts.push(verdict);
    expect(of().accidents()).toEqual([]);
    expect(verdict).toMatchObject({ hang: false, exit: false, poisoned: false });
    return answer;
  } catch (error) {
    if (!verdicts.some((verdict) => verdict.title === title)) {
      verdicts.push({
        title,
        answer: String(error),
        hang: true,
        exit: of().accidents().length > 0,
        poisoned: false,
      });
    }
    throw error;
  } finally {
    clearTimeout(patience);
  }
}

describe.concurrent('the fault matrix', () => {
  test.for(ROWS)(
    '$title: the others commit, the process lives, the model is theirs',
    { timeout: PATIENCE_MS + 10_000 },
    async ({ title, scene: options, deed, answer }) => {
      const said = await judge(title, async () => {
        const scene = await openScene(host, options);
        const [heard, first] = await Promise.all([
          deed(scene).then((outcome) => {
            // A half-open socket stays as it is; whoever has done its deed goes.
            if (outcome !== 'deadline') scene.hostile.close();
            return outcome;
          }),
          playRound(scene, scene.honest, 1),
        ]);
        const second = await playRound(scene, scene.honest, 2);
        const comparison = await compareModels(scene, [first, second]);
        closeScene(scene);
        return { answer: heard, models: [comparison] };
      });
      expect(said).toMatch(answer);
    },
  );

  test('a contributor leaves, the slowest is then permanently stale: it is told so and is in the next sum', {
    timeout: PATIENCE_MS + 10_000,
  }, async () => {
    const said = await judge('a contributor leaves, the slowest is then stale', async () => {
      const scene = await openScene(host, {
        honest: 3,
        plan: { trainingSeconds: 3, minimumSurvivors: 2, reportGoal: 4 },
      });
      const { hostile: leaver, honest, manifest } = scene;
      const slow = honest[2]!;
      await leaver.next('invited');
      leaver.send({ type: 'leave', reason: 'stopped-by-person' });
      const late = await slow.next('invited');
      // Whoever is told so offers itself again, as a tab does.
      const back = slow.next('released').then((released) => {
        slow.checkIn();
        return released;
      });
      const first = await playRound(scene, honest.slice(0, 2), late.roundNumber);
      expect(await back).toMatchObject({ reason: 'deadline-passed' });
      slow.send({
        type: 'ready',
        roundNumber: late.roundNumber,
        ...honestUpdate(manifest, 2, 1).announcement,
      });
      const answer = await refusalOf(slow);
      const second = await playRound(scene, honest, late.roundNumber + 1);
      const comparison = await compareModels(scene, [first, second]);
      closeScene(scene);
      return { answer, models: [comparison] };
    });
    expect(said).toBe('round-mismatch');
  });

  test('a stale round: announcement and upload of the round before change nothing in this one', {
    timeout: PATIENCE_MS + 10_000,
  }, async () => {
    const said = await judge('a stale round', async () => {
      const scene = await openScene(host);
      const { hostile, honest, manifest } = scene;
      const old = decent(scene);
      const [granted, first] = await Promise.all([
        untilGranted(hostile, old).then((message) => {
          hostile.send({ type: 'leave', reason: 'stopped-by-person' });
          return message;
        }),
        playRound(scene, honest, 1),
      ]);
      hostile.checkIn();
      await hostile.next('admitted');
      const upload = await codeOf(await putUpdate(scene.host.url, granted.uploadTicket, old.frame));
      hostile.send({ type: 'ready', roundNumber: granted.roundNumber, ...old.announcement });
      const announcement = await refusalOf(hostile);
      hostile.close();
      const second = await playRound(scene, honest, 2);
      const comparison = await compareModels(scene, [first, second]);
      closeScene(scene);
      expect(manifest.rounds.committedRounds).toBe(comparison.detail.summary.committedRounds);
      return { answer: `${upload}, ${announcement}`, models: [comparison] };
    });
    expect(said).toBe('round-mismatch, round-mismatch');
  });

  test('send twice: the same bytes and other bytes; the first counts, once', {
    timeout: PATIENCE_MS + 10_000,
  }, async () => {
    const said = await judge('send twice', async () => {
      const scene = await openScene(host);
      const { hostile: twice, honest } = scene;
      const update = decent(scene);
      const answers: string[] = [];
      const [, first] = await Promise.all([
        (async () => {
          const { uploadTicket } = await untilGranted(twice, update);
          for (const body of [update.frame, update.frame, filledWith(9).frame]) {
            const response = await putUpdate(scene.host.url, uploadTicket, body);
            answers.push(await codeOfAnswerAbout(update, response));
          }
        })(),
        playRound(scene, honest, 1),
      ]);
      const { clientId } = twice.messages.find((message) => message.type === 'admitted')!;
      twice.close();
      const second = await playRound(scene, honest, 2);
      const comparison = await compareModels(scene, [[...first, accepted(update)], second]);
      const mine = comparison.detail.participants.filter(({ label }) => clientId.startsWith(label));
      expect(mine.map(({ acceptedUpdates }) => acceptedUpdates)).toEqual(mine.map(() => 1));
      closeScene(scene);
      return { answer: answers.join(', '), models: [comparison] };
    });
    // Other bytes under a ticket that was used are refused, or answered with what was accepted before.
    expect(said).toMatch(/^accepted, accepted, (accepted|report-duplicate|update-hash-mismatch)$/);
  });

  test('50 sockets from one identity: one seat, the others hear `identity-in-use`', {
    timeout: PATIENCE_MS + 10_000,
  }, async () => {
    const said = await judge('50 sockets from one identity', async () => {
      const scene = await openScene(host);
      const { hostile, honest, run } = scene;
      await inTheRound(scene);
      const crowd = Array.from({ length: 49 }, () => connect(host.url, run.ticket, hostile.identity));
      for (const other of crowd) other.checkIn();
      for (const other of crowd) await other.next('admitted');
      const { present } = await host.state(run.runId);
      expect(present).toHaveLength(4);
      const everybody = [hostile, ...crowd];
      const told = everybody.filter((other) =>
        other.messages.some(
          ({ type, ...rest }) => type === 'refused' && 'code' in rest && rest.code === 'identity-in-use',
        ),
      );
      const update = decent(scene);
      const [, first] = await Promise.all([
        (async () => {
          // All that are left announce; it is one member's announcement all the same.
          const last = everybody.find((other) => other.socket.connected)!;
          const { uploadTicket } = await untilGranted(last, update);
          await putUpdate(host.url, uploadTicket, update.frame);
          last.close();
        })(),
        playRound(scene, honest, 1),
      ]);
      const second = await playRound(scene, honest, 2);
      const comparison = await compareModels(scene, [[...first, accepted(update)], second]);
      for (const other of crowd) other.close();
      closeScene(scene);
      return { answer: `identity-in-use x ${told.length}`, models: [comparison] };
    });
    expect(said).toBe('identity-in-use x 49');
  });
});

/** An acknowledgement must be about the update that was accepted. */
async function codeOfAnswerAbout(update: HandMadeUpdate, response: Response): Promise<string> {
  if (!response.ok) return codeOf(response);
  expect(await response.json()).toMatchObject({ updateHash: update.announcement.updateHash });
  return 'accepted';
}

describe('the fault matrix, with a coordinator of its own', () => {
  test('50 sockets from one host: it gets its share and no more, and stops nobody else', async () => {
    const limited = await hostCoordinator({ dataFolder: null, socketsPerAddress: 8 });
    const said = await judge(
      '50 sockets from one host',
      async () => {
        const scene = await openScene(limited);
        const crowd = await Promise.all(Array.from({ length: 50 }, () => knock(limited.port, '127.0.0.77')));
        const let_in = crowd.filter(({ status }) => status === 101);
        const refused = crowd.filter(({ body }) => body.includes('too-many-connections'));
        const [, first] = await Promise.all([
          inTheRound(scene).then(() => scene.hostile.close()),
          playRound(scene, scene.honest, 1),
        ]);
        const second = await playRound(scene, scene.honest, 2);
        const comparison = await compareModels(scene, [first, second]);
        for (const { close } of crowd) close();
        closeScene(scene);
        return {
          answer: `${let_in.length} let in, too-many-connections x ${refused.length}`,
          models: [comparison],
        };
      },
      () => limited,
    );
    await limited.stop();
    expect(said).toBe('8 let in, too-many-connections x 42');
  }, 70_000);

  test('restart on the same port and folder: same round, same model, and the run goes on', async () => {
    const dataFolder = await newFolder();
    let living = await hostCoordinator({ dataFolder });
    const said = await judge(
      'restart on the same port and folder',
      async () => {
        const scene = await openScene(living, { plan: { committedRounds: 4, rejoinSeconds: 20 } });
        const { run, manifest } = scene;
        const rounds: AcceptedUpdate[][] = [];
        const together = [scene.hostile, ...scene.honest];
        for (const roundNumber of [1, 2]) rounds.push(await playRound(scene, together, roundNumber));
        for (const participant of together) await participant.next('invited');
        const before = await compareModels(scene, rounds);
        const { port, operatorToken } = living;
        await living.killNine();
        living = await hostCoordinator({ dataFolder, port }, operatorToken);
        const after = await compareModels({ host: living, run, manifest }, rounds);
        expect(after.detail.summary).toMatchObject({
          roundNumber: before.detail.summary.roundNumber,
          modelHash: before.detail.summary.modelHash,
          status: 'running',
        });
        const back = together.map(({ identity }) => connect(living.url, run.ticket, identity));
        for (const participant of back) participant.checkIn();
        for (const roundNumber of [3, 4]) {
          rounds.push(await playRound({ host: living, manifest }, back, roundNumber));
        }
        const ended = await compareModels({ host: living, run, manifest }, rounds);
        expect(ended.detail.summary.status).toBe('completed');
        for (const participant of [...together, ...back]) participant.close();
        return {
          answer: `went on in round ${after.detail.summary.roundNumber}`,
          models: [before, after, ended],
        };
      },
      () => living,
    );
    await living.stop();
    expect(said).toBe('went on in round 3');
  }, 70_000);
});

test('every row of the matrix: 0 hangs, 0 exits, 0 poisoned models', () => {
  const width = Math.max(...verdicts.map(({ title }) => title.length));
  for (const { title, answer } of verdicts) console.log(`${title.padEnd(width)}  ${answer}`);
  const count = (what: 'hang' | 'exit' | 'poisoned') => verdicts.filter((verdict) => verdict[what]).length;
  console.log(
    `fault matrix: ${verdicts.length} rows, ${count('hang')} hangs, ${count('exit')} exits, ${count('poisoned')} poisoned models`,
  );
  expect(verdicts).toHaveLength(ROWS.length + 6);
  expect([count('hang'), count('exit'), count('poisoned')]).toEqual([0, 0, 0]);
});

/** Asks for a WebSocket from another address of this machine, and holds on to what it gets. */
function knock(port: number, localAddress: string): Promise<{ status: number; body: string; close(): void }> {
  return new Promise((resolve, reject) => {
    const wire = connectTcp({ port, host: '127.0.0.1', localAddress });
    wire.on('error', reject);
    wire.write(
      `GET ${SOCKET_PATH}/?EIO=4&transport=websocket HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\n` +
        'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    wire.once('data', (answer) => {
      const text = answer.toString('latin1');
      resolve({ status: Number(text.split(' ')[1]), body: text, close: () => void wire.destroy() });
    });
  });
}
