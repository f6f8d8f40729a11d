import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeFrame,
  JOIN_PATH,
  joinInfoSchema,
  modelPath,
  problemSchema,
  runDetailSchema,
  runSummarySchema,
  templateSchema,
} from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import { getModel } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

let folder: string;
let coordinator: Coordinator;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-http-'));
  await mkdir(join(folder, 'client'));
  await writeFile(join(folder, 'client', 'index.html'), '<!doctype html><title>page</title>');
  coordinator = await startCoordinator({
    dataFolder: join(folder, 'data'),
    clientFolder: join(folder, 'client'),
    logLevel: 'silent',
  });
  token = coordinator.operatorToken!;
});
afterAll(async () => {
  await coordinator.close();
  await rm(folder, { recursive: true, force: true });
});

const admin = (
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> => fetch(`${coordinator.url}/v1/admin/${path}`, init);
const asOperator = (
  path: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Response> =>
  admin(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const login = (secret: string): Promise<Response> =>
  admin('session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: secret }),
  });
const codeOf = async (response: Response): Promise<string> => problemSchema.parse(await response.json()).code;

describe('the operator', () => {
  test('gets a token at the first start only', async () => {
    expect(token).toMatch(/^[\w-]{43}$/);
    const other = await startCoordinator({ dataFolder: join(folder, 'again'), logLevel: 'silent' });
    await other.close();
    const second = await startCoordinator({ dataFolder: join(folder, 'again'), logLevel: 'silent' });
    expect(second.operatorToken).toBeNull();
    await second.close();
  });

  test.each(['templates', 'runs', 'runs/run-00000000', 'session', 'runs/run-00000000/export'])(
    'GET %s needs authorisation',
    async (path) => {
      const response = await admin(path);
      expect(response.status).toBe(401);
      expect(await codeOf(response)).toBe('unauthorised');
    },
  );

  test('exchanges the token for a session that only this browser and this origin can use', async () => {
    const response = await login(token);
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict; Max-Age=\d+; Path=\/v1\/admin$/);
    expect(cookie).not.toContain(token);
    const session = cookie.split(';')[0]!;
    expect((await admin('session', { headers: { cookie: session } })).status).toBe(200);
  });

  test('a dashboard link opens a session but is no bearer token', async () => {
    const startToken = coordinator.dashboardUrl().split('#token=')[1]!;
    expect((await login(startToken)).status).toBe(200);
    expect((await admin('runs', { headers: { authorization: `Bearer ${startToken}` } })).status).toBe(401);
  });

  test('creates, launches, pauses, resumes and stops; what makes no sense is a conflict', async () => {
    const created = await asOperator('runs', { manifest: smallTask() });
    expect(created.status).toBe(201);
    const { runId } = runSummarySchema.parse(await created.json());
    const steer = async (verb: string) => {
      const response = await asOperator(`runs/${runId}/${verb}`, undefined, 'POST');
      return response.ok ? runSummarySchema.parse(await response.json()).status : codeOf(response);
    };
    expect(await steer('resume')).toBe('conflict');
    expect(await steer('launch')).toBe('running');
    expect(await steer('launch')).toBe('conflict');
    // Nobody was invited, so that the first round's number is free again; launched it is all the same.
    expect(await steer('pause')).toBe('paused');
    const paused = runDetailSchema.parse(await (await asOperator(`runs/${runId}`)).json());
    expect(paused.summary).toMatchObject({ isNew: false, roundNumber: 0 });
    expect(await steer('launch')).toBe('conflict');
    expect(await steer('resume')).toBe('running');
    expect(await steer('stop')).toBe('stopped');
    expect(await steer('resume')).toBe('conflict');

    const detail = runDetailSchema.parse(await (await asOperator(`runs/${runId}`)).json());
    expect(detail).toMatchObject({ live: null, participants: [], rounds: [] });
  });

  test('starts from every template', async () => {
    const templates = z.array(templateSchema).parse(await (await asOperator('templates')).json());
    expect(templates.map((template) => template.id)).toEqual([
      'digits-softmax',
      'digits-mlp',
      'mcmahan-2nn',
      'mcmahan-cnn',
      'separable-cnn',
      'income-mlp',
      'char-gru',
      'char-transformer',
    ]);
    for (const { id } of templates) {
      const response = await asOperator('runs', { templateId: id, name: `My ${id}` });
      expect(runSummarySchema.parse(await response.json())).toMatchObject({ name: `My ${id}`, isNew: true });
    }
  });

  test.each([
    ['runs', { templateId: 'nope' }, 404, 'not-found'],
    ['runs', { manifest: { manifestVersion: 1 } }, 422, 'manifest-invalid'],
    [
      'runs',
      { manifest: { ...smallTask(), rounds: { ...smallTask().rounds, minimumSurvivors: 99 } } },
      422,
      'plan-impossible',
    ],
    ['runs', { unknown: 1 }, 400, 'message-malformed'],
    ['runs/run-00000000/invites', { validHours: -1 }, 400, 'message-malformed'],
    ['runs/run-00000000/invites', {}, 404, 'run-unknown'],
  ])('POST %s with %j is answered %i %s', async (path, body, status, code) => {
    const response = await asOperator(path, body);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
  });

  test('a body that is no JSON is a problem like any other', async () => {
    const response = await admin('session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe('message-malformed');
  });

  test('[D-6] invites with the ticket in the fragment, where no request carries it', async () => {
    const run = await coordinator.createRun(smallTask());
    const response = await asOperator(`runs/${run.runId}/invites`, {});
    const { joinUrl } = (await response.json()) as { joinUrl: string };
    const url = new URL(joinUrl);
    expect([url.pathname, url.search]).toEqual(['/join', '']);
    const ticket = url.hash.replace('#ticket=', '');
    const info = await fetch(coordinator.url + JOIN_PATH, { headers: { authorization: `Bearer ${ticket}` } });
    expect(joinInfoSchema.parse(await info.json())).toMatchObject({ runId: run.runId, status: 'paused' });
    expect((await fetch(coordinator.url + JOIN_PATH)).status).toBe(401);
  });

  test('exports the model as a frame and as safetensors with the same values', async () => {
    const run = await coordinator.createRun(smallTask());
    const path = `runs/${run.runId}/export`;
    const frame = new Uint8Array(await (await asOperator(`${path}?format=frame`)).arrayBuffer());
    const { values } = decodeFrame(frame, { sha256: nativeSha256 });

    const file = Buffer.from(await (await asOperator(`${path}?format=safetensors`)).arrayBuffer());
    const headerLength = Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.subarray(8, 8 + headerLength).toString());
    expect(headerLength % 8).toBe(0);
    expect(header['layer1.kernel']).toEqual({ dtype: 'F32', shape: [4, 2], data_offsets: [0, 32] });
    expect(header['layer1.bias']).toEqual({ dtype: 'F32', shape: [2], data_offsets: [32, 40] });
    const floats = Array.from({ length: 10 }, (_, i) => file.readFloatLE(8 + headerLength + 4 * i));
    expect(floats).toEqual([...values]);
    expect((await asOperator(`${path}?format=pickle`)).status).toBe(400);
  });

  test('is described by an OpenAPI document with every route', async () => {
    const document = (await (await fetch(`${coordinator.url}/v1/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        'session',
        'server',
        'operators',
        'operators/{operatorId}',
        'operators/{operatorId}/token',
        'templates',
        'models',
        'models/layers',
        'runs',
        'runs/{runId}',
        'runs/{runId}/export',
        'runs/{runId}/invites',
        'runs/{runId}/invites/{inviteId}',
        'runs/{runId}/launch',
        'runs/{runId}/log',
        'runs/{runId}/pause',
        'runs/{runId}/resume',
        'runs/{runId}/rollback',
        'runs/{runId}/stop',
      ]
        .map((path) => `/v1/admin/${path}`)
        .sort(),
    );
    expect(JSON.stringify(document.paths)).toContain('committedRounds');
  });
});

describe('models', () => {
  test('[W-5] are immutable and answered 304 to whoever has them', async () => {
    const run = await coordinator.createRun(smallTask());
    const path = coordinator.url + modelPath(run.state.modelHash);
    const response = await fetch(path);
    expect(response.headers.get('etag')).toBe(`"${run.state.modelHash}"`);
    expect(response.headers.get('cache-control')).toContain('immutable');
    const again = await fetch(path, { headers: { 'if-none-match': `"${run.state.modelHash}"` } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    expect((await getModel(coordinator.url, run.state.modelHash)).length).toBe(
      (await response.arrayBuffer()).byteLength,
    );
  });

  test.each(['0'.repeat(64), 'nope', '..%2f..%2fsigning.key'])('%s is not found', async (hash) => {
    expect((await fetch(`${coordinator.url}/v1/models/${hash}`)).status).toBe(404);
  });
});

describe('pages', () => {
  test.each(['/', '/join', '/admin'])('%s is the one document, under a strict policy', async (path) => {
    const response = await fetch(coordinator.url + path);
    expect(await response.text()).toContain('<title>page</title>');
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('are cross-origin isolated when the operator wants it, and only then', async () => {
    const isolated = await startCoordinator({
      dataFolder: null,
      logLevel: 'silent',
      crossOriginIsolated: true,
    });
    const embedderPolicyOf = async (url: string) =>
      (await fetch(`${url}/healthz`)).headers.get('cross-origin-embedder-policy');
    expect(await embedderPolicyOf(isolated.url)).toBe('require-corp');
    expect(await embedderPolicyOf(coordinator.url)).toBeNull();
    await isolated.close();
  });

  test('what is not there is a problem', async () => {
    expect(await codeOf(await fetch(`${coordinator.url}/etc/passwd`))).toBe('not-found');
    expect((await fetch(`${coordinator.url}/..%2fdata%2fsigning.key`)).status).toBe(404);
  });

  test.each(['/%zz', `/v1/models/${'a'.repeat(200)}`])('%s is refused as a problem, too', async (path) => {
    expect(await codeOf(await fetch(coordinator.url + path))).toBe('message-malformed');
  });

  test('health, readiness and metrics without a single identifier', async () => {
    expect((await fetch(`${coordinator.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${coordinator.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
    expect(metrics).toContain('tributary_rounds_total');
    expect(metrics).not.toMatch(/run-[0-9a-f]{8}|[0-9a-f]{32}/);
  });
});

// Last: afterwards this address has to wait.
describe('guessing', () => {
  test('[D-5] is slowed down after ten failures, and no correct token helps then', async () => {
    const cookie = (await login(token)).headers.get('set-cookie')!.split(';')[0]!;
    for (let attempt = 0; attempt < 10; attempt += 1) await login(`guess ${attempt}`);
    const response = await login(token);
    expect(response.status).toBe(429);
    expect(await codeOf(response)).toBe('rate-limited');
    // Who is logged in goes on, whoever guessed.
    expect((await admin('session', { headers: { cookie } })).status).toBe(200);
  });
});
