/** Going back to an earlier model, through the operator's API and with real participants. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrame, type RunDetail, runDetailSchema } from '@tributary/fl-core';
import { afterEach, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { KNOWN_ROUNDS, trainRounds } from './known-rounds.ts';
import { smallTask } from './small-task.ts';

/** Server momentum 0.5 in this task: a model depends on the optimiser's state, not on updates alone. */
const MANIFEST = smallTask({ committedRounds: 3 });
let coordinator: Coordinator;
let token: string;
let folder: string | null = null;

afterEach(async () => {
  await coordinator.close();
  if (folder) await rm(folder, { recursive: true, force: true });
  folder = null;
});

async function start(dataFolder: string | null): Promise<void> {
  coordinator = await startCoordinator({ dataFolder, logLevel: 'silent' });
  token = coordinator.operatorToken ?? token;
}
const ask = (path: string, body?: unknown): Promise<Response> =>
  fetch(`${coordinator.url}/v1/admin/runs/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const detail = async ({ runId }: RunSupervisor, since = 0): Promise<RunDetail> =>
  runDetailSchema.parse(await (await ask(`${runId}?since=${since}`)).json());
const rollBack = async ({ runId }: RunSupervisor, roundNumber: number) => {
  const response = await ask(`${runId}/rollback`, { roundNumber });
  return { http: response.status, ...((await response.json()) as { code?: string; message?: string }) };
};

describe('[N-6] rolling back', () => {
  test('and doing the same rounds again gives the bit-identical model; what was left behind is marked', async () => {
    await start(null);
    const run = await coordinator.createRun(MANIFEST);
    await coordinator.steer(run, 'launch');
    await trainRounds(coordinator, run, KNOWN_ROUNDS);
    expect(run.state.status).toBe('completed');
    const once = await detail(run);
    const models = once.rounds.map((round) => round.modelHash);

    expect(await rollBack(run, 1)).toMatchObject({ http: 200 });
    expect(run.state).toMatchObject({ status: 'paused', modelHash: models[0], committedRounds: 1 });
    const back = await detail(run, once.revision);
    expect(back.rounds.map((round) => [round.roundNumber, round.isSuperseded])).toEqual([
      [2, true],
      [3, true],
    ]);
    expect(back.totals).toEqual(once.totals);
    expect((await detail(run, back.revision)).rounds).toEqual([]);

    await coordinator.steer(run, 'resume');
    await trainRounds(coordinator, run, KNOWN_ROUNDS.slice(1));
    const again = await detail(run, back.revision);
    expect(again.rounds.map((round) => round.roundNumber)).toEqual([4, 5]);
    expect(again.rounds.map((round) => round.modelHash)).toEqual(models.slice(1));
    expect(again.summary).toMatchObject({ status: 'completed', committedRounds: 3, modelHash: models[2] });
    expect(again.totals.committed).toBe(5);
    const log = (await (await ask(`${run.runId}/log`)).json()) as object[];
    expect(log).toMatchObject([{ action: 'rollback', detail: 'to round 1', operatorName: 'Owner' }]);
  });

  test('to the first model starts from its seed again, also after a restart in between', async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-roll-back-'));
    await start(folder);
    const run = await coordinator.createRun(MANIFEST);
    const first = run.state.modelHash;
    await coordinator.steer(run, 'launch');
    await trainRounds(coordinator, run, KNOWN_ROUNDS);
    const models = (await detail(run)).rounds.map((round) => round.modelHash);
    expect((await rollBack(run, 0)).http).toBe(200);
    await coordinator.close();

    await start(folder);
    const reopened = coordinator.runs.get(run.runId);
    expect(reopened.state).toMatchObject({ status: 'paused', modelHash: first, committedRounds: 0 });
    await coordinator.steer(reopened, 'resume');
    await trainRounds(coordinator, reopened, KNOWN_ROUNDS);
    const again = await detail(reopened);
    expect(again.rounds.slice(3).map((round) => round.modelHash)).toEqual(models);
  });

  test('is refused, with the reason, where it makes no sense, and then changes nothing', async () => {
    await start(null);
    const run = await coordinator.createRun(MANIFEST);
    expect(await rollBack(run, 0)).toMatchObject({
      http: 409,
      message: expect.stringContaining('current model'),
    });
    await coordinator.steer(run, 'launch');
    expect(await rollBack(run, 1)).toMatchObject({
      http: 409,
      message: expect.stringContaining('pause it'),
    });
    await trainRounds(coordinator, run, KNOWN_ROUNDS);
    const before = await detail(run);
    expect(await rollBack(run, 3)).toMatchObject({ http: 409, code: 'conflict' });
    expect(await rollBack(run, 9)).toMatchObject({ http: 404, code: 'not-found' });
    expect(await rollBack(run, -1)).toMatchObject({ http: 400, code: 'message-malformed' });
    expect((await detail(run)).rounds).toEqual(before.rounds);

    expect((await rollBack(run, 2)).http).toBe(200);
    expect(await rollBack(run, 3)).toMatchObject({
      http: 409,
      message: expect.stringContaining('left behind'),
    });
    await coordinator.steer(run, 'stop');
    expect(await rollBack(run, 1)).toMatchObject({
      http: 409,
      message: expect.stringContaining('stopped'),
    });
  });

  test('twice at once goes back once: the second is refused, and no round is lost', async () => {
    await start(null);
    const run = await coordinator.createRun(MANIFEST);
    await coordinator.steer(run, 'launch');
    await trainRounds(coordinator, run, KNOWN_ROUNDS);
    const outcomes = await Promise.all([rollBack(run, 1), rollBack(run, 2)]);
    expect(outcomes.map(({ http }) => http).sort()).toEqual([200, 409]);
  });
});

describe('the export', () => {
  test('gives the model of any round, and a card of what ran', async () => {
    await start(null);
    const run = await coordinator.createRun(MANIFEST);
    await coordinator.steer(run, 'launch');
    await trainRounds(coordinator, run, KNOWN_ROUNDS);
    const { rounds } = await detail(run);
    for (const { roundNumber, modelHash } of rounds) {
      const response = await ask(`${run.runId}/export?format=frame&round=${roundNumber}`);
      expect(response.headers.get('content-disposition')).toBe(
        `attachment; filename="${run.runId}-round-${roundNumber}.trbf"`,
      );
      const frame = new Uint8Array(await response.arrayBuffer());
      expect(decodeFrame(frame, { sha256: nativeSha256 }).values).toHaveLength(10);
      expect(Buffer.from(await crypto.subtle.digest('SHA-256', frame)).toString('hex')).toBe(modelHash);
    }
    expect((await ask(`${run.runId}/export?round=4`)).status).toBe(404);
    expect((await ask(`${run.runId}/export?round=newest`)).status).toBe(400);
    expect((await ask(`${run.runId}/export?format=tfjs`)).headers.get('content-type')).toBe(
      'application/zip',
    );

    const card = await (await ask(`${run.runId}/export?format=card&round=2`)).text();
    expect(card).toContain('# small');
    expect(card).toContain('- Kind: softmax regression, 4 inputs, 2 classes');
    expect(card).toContain('- Parameters: 10 in 2 tensors, float32');
    expect(card).toContain(rounds[1]!.modelHash);
    expect(card).toContain('- Rounds: 2 committed, 0 abandoned on the way');
    expect(card).toContain('- Updates counted in this model: 6');
    expect(card).toContain('- Devices that contributed to the run so far: 3');
    expect(card).toContain('| a | (value - 0) / 1 |');
    expect(card).toContain('No secure aggregation');
    expect(card).toContain('No noise: there is no epsilon');
    expect(card).toContain('Nobody measured this model.');
  });
});
