/** Models on their way down, coded: over real HTTP, through restarts and roll backs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BlobHash,
  blobHashOf,
  codedModelPath,
  decodeCodedModel,
  decodeFrame,
  encodeFrame,
  type NamedModel,
  type ParameterSet,
  parameterShapes,
  parseManifest,
  type RoundSummary,
  type TaskManifest,
} from '@tributary/fl-core';
import { afterEach, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import type { RunSupervisor } from '../src/run/run-supervisor.ts';
import { KNOWN_ROUNDS, trainRounds } from './known-rounds.ts';
import { getModel } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

const taskWith = (downlink: object): TaskManifest => {
  const { manifestVersion, ...rest } = smallTask({ committedRounds: 3 });
  return parseManifest({ ...rest, manifestVersion, downlink });
};
const GRID = taskWith({ codec: 'grid', bits: 4 });

let coordinator: Coordinator;
let folder: string | null = null;

afterEach(async () => {
  await coordinator.close();
  if (folder) await rm(folder, { recursive: true, force: true });
  folder = null;
});

const ask = (model: BlobHash, base: BlobHash | null, headers = {}) =>
  fetch(coordinator.url + codedModelPath(model, base), { headers });

async function named(hash: BlobHash): Promise<NamedModel> {
  return { hash, parameters: decodeFrame(await getModel(coordinator.url, hash), { sha256: nativeSha256 }) };
}

/** What a tab makes of the answer. */
async function read(model: BlobHash, base: NamedModel | null): Promise<BlobHash> {
  const response = await ask(model, base?.hash ?? null);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const coded = new Uint8Array(await response.arrayBuffer());
  const pieces = decodeCodedModel(coded, { modelHash: model, shapes: parameterShapes(GRID.model), base });
  let piece: IteratorResult<void, ParameterSet>;
  do piece = pieces.next();
  while (!piece.done);
  return blobHashOf(encodeFrame(piece.value, nativeSha256), nativeSha256);
}

/** Of its committed rounds: one that a restart came into may have been abandoned. */
async function modelsOf({ runId }: RunSupervisor): Promise<BlobHash[]> {
  const headers = { authorization: `Bearer ${token}` };
  const detail = await fetch(`${coordinator.url}/v1/admin/runs/${runId}`, { headers });
  const { rounds } = (await detail.json()) as { rounds: RoundSummary[] };
  return rounds.flatMap(({ outcome, modelHash }) => (outcome === 'committed' ? modelHash : []));
}
async function bytesDown(): Promise<number> {
  const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
  return Number(/tributary_bulk_bytes_total\{direction="down"\} (\d+)/.exec(metrics)?.[1] ?? 0);
}
let token: string;
async function start(dataFolder: string | null): Promise<void> {
  coordinator = await startCoordinator({ dataFolder, logLevel: 'silent' });
  token = coordinator.operatorToken ?? token;
}
async function runOf(manifest: TaskManifest): Promise<RunSupervisor> {
  const run = await coordinator.createRun(manifest);
  await coordinator.steer(run, 'launch');
  return run;
}

describe('[V-2] a run whose models are on a grid', () => {
  test('makes the same models when its process ended in between, and after a roll back', async () => {
    await start(null);
    const undisturbed = await runOf(GRID);
    await trainRounds(coordinator, undisturbed, KNOWN_ROUNDS);
    const models = await modelsOf(undisturbed);
    expect(new Set(models).size).toBe(3);
    await coordinator.close();

    folder = await mkdtemp(join(tmpdir(), 'tributary-coded-'));
    await start(folder);
    const run = await runOf(GRID);
    await trainRounds(coordinator, run, KNOWN_ROUNDS.slice(0, 1));
    await coordinator.close();
    await start(folder);
    const reopened = coordinator.runs.get(run.runId);
    await trainRounds(coordinator, reopened, KNOWN_ROUNDS.slice(1));
    expect(await modelsOf(reopened)).toEqual(models);

    await reopened.rollBack(1);
    expect(reopened.state.modelHash).toBe(models[0]);
    await coordinator.close();
    await start(folder);
    const again = coordinator.runs.get(run.runId);
    await coordinator.steer(again, 'resume');
    await trainRounds(coordinator, again, KNOWN_ROUNDS.slice(1));
    expect((await modelsOf(again)).slice(3)).toEqual(models.slice(1));
  });
});

describe('[V-4] coded models', () => {
  test.each([
    ['on a grid', GRID],
    ['as they are', taskWith({ codec: 'lossless' })],
  ])('%s: by themselves and against an earlier one, also after a restart', async (_, manifest) => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-coded-'));
    await start(folder);
    const run = await runOf(manifest);
    const first = run.state.modelHash;
    await trainRounds(coordinator, run, KNOWN_ROUNDS.slice(0, 2));
    const newest = run.state.modelHash;
    const before = await bytesDown();
    expect(await read(newest, null)).toBe(newest);
    expect(await bytesDown()).toBeGreaterThan(before);
    expect(await read(newest, await named(first))).toBe(newest);
    await coordinator.close();

    await start(folder);
    expect(await read(newest, await named(first))).toBe(newest);
    const headers = { 'if-none-match': `"${newest}/coded/${first}"` };
    expect((await ask(newest, first, headers)).status).toBe(304);
    const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
    expect(metrics).toContain('tributary_coded_models_total{kind="changes"} 1');
    expect(metrics).toContain('tributary_model_coding_seconds_count 1');
  });

  test('are made once for all who ask at once', async () => {
    await start(null);
    const run = await runOf(GRID);
    const hash = run.state.modelHash;
    const answers = await Promise.all(Array.from({ length: 20 }, () => read(hash, null)));
    expect(new Set(answers)).toEqual(new Set([hash]));
    const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
    expect(metrics).toContain('tributary_model_coding_seconds_count 1');
  });

  test('are there for no other pair: not of another run, of itself, of runs without, or of anything else', async () => {
    await start(null);
    const [run, whole, other] = [
      await runOf(GRID),
      await runOf(taskWith({ codec: 'float32' })),
      await runOf(parseManifest({ ...GRID, seed: 'other' })),
    ];
    const [mine, theirs, plain] = [run, other, whole].map(({ state }) => state.modelHash);
    const nothing = 'c'.repeat(64) as BlobHash;
    for (const [model, base] of [
      [mine, theirs],
      [mine, mine],
      [mine, plain],
      [mine, nothing],
      [mine, 'x' as BlobHash],
      [plain, null],
      [nothing, null],
      [nothing, mine],
    ] as const) {
      const response = await ask(model!, base!);
      expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
    }
    expect((await ask(mine!, null)).status).toBe(200);
  });
});
