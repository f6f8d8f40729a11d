/** What an operator types: results on stdout, everything else on stderr, exit codes 0, 1 and 2. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSummarySchema } from '@tributary/fl-core';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { smallTask } from './small-task.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;
let coordinator: Coordinator;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-commands-'));
  coordinator = await startCoordinator({ dataFolder: join(folder, 'data'), logLevel: 'silent' });
  token = coordinator.operatorToken!;
});
afterAll(async () => {
  await coordinator.close();
  await rm(folder, { recursive: true, force: true });
});

function tributary(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, TRIBUTARY_TOKEN: token };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env, cwd: folder }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe('the command line', () => {
  test('creates, launches, lists and exports a run, with JSON and nothing else on stdout', async () => {
    const { url } = coordinator;
    const file = join(folder, 'task.json');
    await writeFile(file, JSON.stringify(smallTask()));
    const created = await tributary('runs', 'create', '--manifest', file, '--url', url, '--json');
    const { runId } = runSummarySchema.parse(JSON.parse(created.out));
    const launched = await tributary('runs', 'launch', runId, '--url', url, '--json');
    expect(JSON.parse(launched.out)).toMatchObject({ runId, status: 'running' });
    expect(JSON.parse((await tributary('runs', '--url', url, '--json')).out)).toHaveLength(1);

    const out = join(folder, 'model.safetensors');
    const exported = await tributary('export', runId, '--out', out, '--url', url, '--json');
    expect(JSON.parse(exported.out)).toMatchObject({ runId, bytes: (await readFile(out)).length });
    expect([created, launched, exported].map(({ code, err }) => [code, err])).toEqual(Array(3).fill([0, '']));

    const card = await tributary(
      'export',
      runId,
      '--out',
      out,
      '--format',
      'card',
      '--round',
      '0',
      '--url',
      url,
    );
    expect(card.code).toBe(0);
    expect(await readFile(out, 'utf8')).toContain('Nobody measured this model.');
    const log = await tributary('runs', 'log', runId, '--url', url, '--json');
    expect(JSON.parse(log.out)).toMatchObject({
      log: [
        { action: 'launch', operatorName: 'Owner' },
        { action: 'create', operatorName: 'Owner' },
      ],
    });
    const early = await tributary('runs', 'rollback', runId, '0', '--url', url);
    expect(early).toMatchObject({ code: 1, out: '' });
    expect(early.err).toContain('pause it before going back');

    const again = await tributary('runs', 'launch', runId, '--url', url, '--json');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toContain('the run was launched before');
  });

  test('begins a run with a saved layers model: a zip, a folder, or its JSON', {
    timeout: 120_000,
  }, async () => {
    const { url } = coordinator;
    const file = join(folder, 'begun.json');
    await writeFile(file, JSON.stringify(smallTask()));
    const first = await coordinator.createRun(smallTask());
    const zip = join(folder, 'model.zip');
    await tributary('export', first.runId, '--out', zip, '--format', 'tfjs', '--url', url);
    const unpacked = join(folder, 'unpacked');
    await mkdir(unpacked);
    for (const [name, content] of Object.entries(unzipSync(await readFile(zip))))
      await writeFile(join(unpacked, name), content);
    const begun = [];
    for (const path of [zip, unpacked, join(unpacked, 'model.json')]) {
      const answer = await tributary(
        'runs',
        'create',
        '--manifest',
        file,
        '--model',
        path,
        '--url',
        url,
        '--json',
      );
      begun.push([answer.err, runSummarySchema.parse(JSON.parse(answer.out)).modelHash]);
    }
    expect(begun).toEqual(Array(3).fill(['', first.state.modelHash]));
  });

  test('makes, lists and takes back invites', async () => {
    const run = await coordinator.createRun(smallTask());
    const at = ['--url', coordinator.url, '--json'];
    const terms = ['--devices', '30', '--hours', '2', '--label', 'the class'];
    const made = JSON.parse((await tributary('runs', 'invite', run.runId, ...terms, ...at)).out);
    expect(made).toMatchObject({ label: 'the class', maximumDevices: 30, devices: 0, revokedAt: null });
    expect(made.expiresAt - made.createdAt).toBe(2 * 3_600_000);
    await tributary('runs', 'revoke', run.runId, made.inviteId, ...at);
    const { invites } = JSON.parse((await tributary('runs', 'invites', run.runId, ...at)).out);
    expect(invites).toEqual([{ ...made, revokedAt: expect.any(Number) }]);
    const table = await tributary('runs', 'invites', run.runId, '--url', coordinator.url);
    expect(table.out).toMatch(/0\/30 devices .*taken back .*the class/);
  });

  test.each([
    [['runs', 'bogus']],
    [['runs', 'revoke', 'run-00000000']],
    [['runs', 'invite', 'run-00000000', '--devices', '0']],
    [['runs', 'launch']],
    [['runs', 'create']],
    [['runs', 'create', '--manifest', 'task.json', '--name', 'ignored']],
    [['runs', 'invite', 'run-00000000', '--hours', 'soon']],
    [['runs', '--unknown']],
    [['runs', 'rollback', 'run-00000000']],
    [['runs', 'rollback', 'run-00000000', 'soon']],
    [['token', '--role', 'viewer']],
    [['token', '--name', 'Vera', '--role', 'emperor']],
    [['token', 'revoke']],
    [['export', 'run-00000000']],
    [['export', 'run-00000000', '--out', 'file', '--format', 'pickle']],
    [['export', 'run-00000000', '--out', 'file', '--round', 'last']],
    [['serve', '--port', '99999']],
    [['serve', '--public-url', 'learn.example.org/somewhere']],
    [['doctor', '--port', 'x']],
    [['nonsense']],
  ])('%j is used wrongly: exit code 2, and stdout stays empty', async (args) => {
    const { code, out, err } = await tributary(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toBe('');
  });

  test('what fails says so in one line, names the file, and exits with 1', async () => {
    await writeFile(join(folder, 'torn.json'), '{');
    const torn = await tributary('runs', 'create', '--manifest', 'torn.json', '--url', coordinator.url);
    expect(torn).toMatchObject({ code: 1, out: '' });
    expect(torn.err).toMatch(/^tributary runs: torn\.json is not JSON: .*\n$/);
    const nobody = await tributary('runs', '--url', 'http://127.0.0.1:1');
    expect(nobody).toMatchObject({ code: 1, out: '' });
    expect(nobody.err).toContain('no coordinator answers');
  });

  test('doctor says whether the machine is fit, as JSON too', async () => {
    const { out } = await tributary('doctor', '--json', '--port', '0', '--data', join(folder, 'data'));
    const { findings } = JSON.parse(out) as { findings: { check: string; verdict: string }[] };
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['node', 'machine', 'browser', 'host', 'page', 'port', 'data']),
    );
  });

  test('names operators with a role, lists them without a secret, and revokes one while the coordinator runs', async () => {
    const data = ['--data', join(folder, 'data')];
    const made = await tributary('token', '--name', 'Vera', '--role', 'viewer', ...data, '--json');
    const vera = JSON.parse(made.out) as { operatorToken: string };
    expect(vera).toMatchObject({ name: 'Vera', role: 'viewer' });
    const asVera = (path: string) =>
      fetch(`${coordinator.url}/v1/admin/${path}`, {
        headers: { authorization: `Bearer ${vera.operatorToken}` },
      });
    expect((await asVera('runs')).status).toBe(200);
    expect((await asVera('operators')).status).toBe(403);

    const listed = await tributary('token', 'list', ...data, '--json');
    expect(JSON.parse(listed.out)).toMatchObject([{ name: 'Owner' }, { name: 'Vera', role: 'viewer' }]);
    expect(listed.out).not.toMatch(/[0-9a-f]{64}/);
    expect((await tributary('token', '--name', 'Vera', '--role', 'owner', ...data)).err).toContain(
      'Vera is viewer',
    );

    expect((await tributary('token', 'revoke', '--name', 'Vera', ...data)).code).toBe(0);
    expect((await asVera('runs')).status).toBe(401);
    expect((await tributary('token', 'revoke', '--name', 'Owner', ...data)).err).toContain('last owner');
  });

  // Last: afterwards the first token is worth nothing.
  test('a new token replaces the old one while the coordinator runs', async () => {
    const made = await tributary('token', '--data', join(folder, 'data'), '--json');
    expect((await tributary('runs', '--url', coordinator.url)).code).toBe(1);
    token = (JSON.parse(made.out) as { operatorToken: string }).operatorToken;
    expect((await tributary('runs', '--url', coordinator.url)).code).toBe(0);
  });
});
