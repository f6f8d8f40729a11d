/** Who may do what through the operator's API, and that no other page can do it for them. */
import {
  CSRF_HEADER,
  type OperatorRole,
  problemSchema,
  sessionSchema,
  steeringEntrySchema,
} from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { operatorDoor } from '../src/auth/operator.ts';
import { nameOperator, renewToken } from '../src/auth/operators.ts';
import { openMemoryOperatorStore } from '../src/storage/memory-operator-store.ts';

const steeringLogSchema = z.array(steeringEntrySchema);

let coordinator: Coordinator;
const tokens = {} as Record<OperatorRole, string>;

beforeAll(async () => {
  coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
  tokens.owner = coordinator.operatorToken!;
  for (const role of ['viewer', 'operator'] as const) {
    const named = await asOwner('operators', { name: `a ${role}`, role });
    tokens[role] = ((await named.json()) as { token: string }).token;
  }
});
afterAll(() => coordinator.close());

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const ask = (path: string, { method = 'GET', body, headers = {} }: Asked = {}): Promise<Response> =>
  fetch(`${coordinator.url}/v1/admin/${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const asOwner = (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
  ask(path, { method, body, headers: bearer(tokens.owner) });
const codeOf = async (response: Response): Promise<string> => problemSchema.parse(await response.json()).code;

/** The least role for each route. `anybody` is who is not logged in. */
const ROUTES: Record<string, OperatorRole | 'anybody'> = {
  'POST session': 'anybody',
  'GET session': 'viewer',
  'DELETE session': 'viewer',
  'GET server': 'viewer',
  'GET templates': 'viewer',
  'GET runs': 'viewer',
  'GET runs/{runId}': 'viewer',
  'GET runs/{runId}/log': 'viewer',
  'GET runs/{runId}/export': 'viewer',
  'POST runs': 'operator',
  'POST models': 'operator',
  'POST models/layers': 'operator',
  'POST runs/{runId}/launch': 'operator',
  'POST runs/{runId}/pause': 'operator',
  'POST runs/{runId}/resume': 'operator',
  'POST runs/{runId}/stop': 'operator',
  'POST runs/{runId}/rollback': 'operator',
  'GET runs/{runId}/invites': 'operator',
  'POST runs/{runId}/invites': 'operator',
  'DELETE runs/{runId}/invites/{inviteId}': 'operator',
  'GET operators': 'owner',
  'POST operators': 'owner',
  'POST operators/{operatorId}/token': 'owner',
  'DELETE operators/{operatorId}': 'owner',
};
const RANK = ['viewer', 'operator', 'owner'] as const;
const EVERY_CASE = Object.entries(ROUTES).flatMap(([route, needed]) =>
  needed === 'anybody' ? [] : RANK.map((role) => ({ route, needed, role })),
);

describe('[O-1] roles', () => {
  test('the table of this test has every route that the description has', async () => {
    const response = await fetch(`${coordinator.url}/v1/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, Record<string, object>> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/v1/admin/', '')}`),
    );
    expect(described.sort()).toEqual(Object.keys(ROUTES).sort());
  });

  test.each(EVERY_CASE)('$role asks for $route, which needs $needed', async ({ route, needed, role }) => {
    const [method, path] = route.replace(/\{\w+\}/g, 'nobody-has-this').split(' ') as [string, string];
    const response = await ask(path, { method, headers: bearer(tokens[role]) });
    if (RANK.indexOf(role) >= RANK.indexOf(needed)) {
      expect([401, 403]).not.toContain(response.status);
    } else {
      expect([response.status, await codeOf(response)]).toEqual([403, 'forbidden']);
    }
  });

  test.each(Object.keys(ROUTES).filter((route) => ROUTES[route] !== 'anybody'))(
    'who is not logged in is not told more about %s',
    async (route) => {
      const [method, path] = route.replace(/\{\w+\}/g, 'nobody-has-this').split(' ') as [string, string];
      const response = await ask(path, { method });
      expect([response.status, await codeOf(response)]).toEqual([401, 'unauthorised']);
    },
  );

  test('an owner names operators, no two alike; a removed one is nobody; the last owner stays', async () => {
    const ada = (await (await asOwner('operators', { name: 'Ada', role: 'operator' })).json()) as {
      operator: { operatorId: string };
      token: string;
      loginUrl: string;
    };
    expect(new URL(ada.loginUrl).hash).toBe(`#token=${ada.token}`);
    const taken = await asOwner('operators', { name: 'Ada', role: 'viewer' });
    expect([taken.status, await codeOf(taken)]).toEqual([409, 'conflict']);
    const listed = await (await asOwner('operators')).text();
    expect(listed).toContain('"Ada"');
    expect(listed).not.toMatch(/[0-9a-f]{64}/);

    const path = `operators/${ada.operator.operatorId}`;
    const renewed = (await (await asOwner(`${path}/token`, {}, 'POST')).json()) as { token: string };
    expect((await ask('runs', { headers: bearer(ada.token) })).status).toBe(401);
    expect((await ask('runs', { headers: bearer(renewed.token) })).status).toBe(200);
    expect((await asOwner(path, undefined, 'DELETE')).status).toBe(204);
    expect((await ask('runs', { headers: bearer(renewed.token) })).status).toBe(401);

    const me = sessionSchema.parse(await (await asOwner('session')).json());
    expect(me).toMatchObject({ role: 'owner', csrfToken: null });
    const last = await asOwner(`operators/${me.operatorId}`, undefined, 'DELETE');
    expect([last.status, await codeOf(last)]).toEqual([409, 'conflict']);
  });
});

test('[O-4] whatever an operator does to a run is noted, newest first, and nothing that was refused', async () => {
  const as = async (path: string, body?: unknown, method = 'POST') =>
    (await ask(path, { method, body, headers: bearer(tokens.operator) })).json();
  const { runId } = (await as('runs', { templateId: 'digits-softmax', name: 'noted' })) as { runId: string };
  const path = `runs/${runId}`;
  const invite = (await as(`${path}/invites`, { label: 'class 4b' })) as { inviteId: string };
  await as(`${path}/invites/${invite.inviteId}`, undefined, 'DELETE');
  // The second launch is refused, and whatever comes after the stop.
  for (const verb of ['launch', 'launch', 'pause', 'resume', 'stop', 'resume']) await as(`${path}/${verb}`);
  await as(`${path}/rollback`, { roundNumber: 0 });

  const log = steeringLogSchema.parse(
    await (await ask(`${path}/log`, { headers: bearer(tokens.viewer) })).json(),
  );
  expect(log.map(({ action, detail, operatorName }) => [operatorName, action, detail])).toEqual([
    ['a operator', 'stop', ''],
    ['a operator', 'resume', ''],
    ['a operator', 'pause', ''],
    ['a operator', 'launch', ''],
    ['a operator', 'revoke-invite', 'class 4b'],
    ['a operator', 'invite', 'class 4b'],
    ['a operator', 'create', 'noted'],
  ]);
});

describe('a session', () => {
  const logIn = async (token: string, headers: Record<string, string> = {}) => {
    const response = await ask('session', { method: 'POST', body: { token }, headers });
    const { csrfToken } = sessionSchema.parse(await response.json());
    const setCookie = response.headers.get('set-cookie')!;
    return { cookie: setCookie.split(';')[0]!, csrfToken: csrfToken!, setCookie };
  };
  const runCount = async (): Promise<number> => ((await (await asOwner('runs')).json()) as object[]).length;

  test('[O-3] changes things only for our own page with its own token; whatever is forged changes nothing', async () => {
    const { cookie, csrfToken } = await logIn(tokens.owner);
    const other = await logIn(tokens.owner);
    const origin = coordinator.url;
    const before = await runCount();
    const create = (headers: Record<string, string>) =>
      ask('runs', {
        method: 'POST',
        body: { templateId: 'digits-softmax' },
        headers: { cookie, ...headers },
      });
    const forged: Record<string, Record<string, string>> = {
      'no token': { origin },
      'a wrong token': { origin, [CSRF_HEADER]: 'x'.repeat(csrfToken.length) },
      "another session's token": { origin, [CSRF_HEADER]: other.csrfToken },
      'no origin': { [CSRF_HEADER]: csrfToken },
      'another site': { origin: 'https://evil.example', [CSRF_HEADER]: csrfToken },
      'another port of this machine': { origin: 'http://127.0.0.1:9', [CSRF_HEADER]: csrfToken },
      'a page without an origin': { origin: 'null', [CSRF_HEADER]: csrfToken },
      'what the browser calls another site': {
        origin,
        [CSRF_HEADER]: csrfToken,
        'sec-fetch-site': 'same-site',
      },
    };
    for (const [name, headers] of Object.entries(forged)) {
      const response = await create(headers);
      expect([name, response.status, await codeOf(response)]).toEqual([name, 403, 'forbidden']);
    }
    const logout = await ask('session', { method: 'DELETE', headers: { cookie, origin } });
    expect(logout.status).toBe(403);
    expect(await runCount()).toBe(before);

    const ours = { origin, [CSRF_HEADER]: csrfToken, 'sec-fetch-site': 'same-origin' };
    expect((await create(ours)).status).toBe(201);
    expect((await ask('session', { method: 'DELETE', headers: { cookie, ...ours } })).status).toBe(204);
    expect((await ask('session', { headers: { cookie } })).status).toBe(401);
  });

  test('cannot be opened by another site, nor by a form', async () => {
    const body = { token: tokens.owner };
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of elsewhere) {
      expect((await ask('session', { method: 'POST', body, headers })).status).toBe(403);
    }
    const form = await fetch(`${coordinator.url}/v1/admin/session`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify(body),
    });
    expect([form.status, form.headers.get('set-cookie')]).toEqual([400, null]);
  });

  test('[O-2] is a new one at each login, and the one before is over', async () => {
    const first = await logIn(tokens.owner);
    const second = await logIn(tokens.owner, { cookie: first.cookie });
    expect(second.cookie).not.toBe(first.cookie);
    expect((await ask('session', { headers: { cookie: first.cookie } })).status).toBe(401);
    expect((await ask('session', { headers: { cookie: second.cookie } })).status).toBe(200);
  });

  test('[O-2] over TLS has a cookie that no neighbouring host can set', async () => {
    const tls = { 'x-forwarded-proto': 'https' };
    const { cookie, setCookie } = await logIn(tokens.owner, tls);
    expect(setCookie).toMatch(
      /^__Host-tributary_session=[\w-]{43}; HttpOnly; SameSite=Strict; .*Path=\/; Secure$/,
    );
    expect((await ask('session', { headers: { cookie, ...tls } })).status).toBe(200);
    const planted = cookie.replace('__Host-', '');
    expect((await ask('session', { headers: { cookie: planted, ...tls } })).status).toBe(401);
  });

  test("that a start link opens is the first owner's", async () => {
    const { cookie } = await logIn(coordinator.dashboardUrl().split('#token=')[1]!);
    const me = sessionSchema.parse(await (await ask('session', { headers: { cookie } })).json());
    expect(me).toMatchObject({ name: 'Owner', role: 'owner' });
  });

  test('keeps the role of its operator', async () => {
    const { cookie, csrfToken } = await logIn(tokens.viewer);
    const headers = { cookie, origin: coordinator.url, [CSRF_HEADER]: csrfToken };
    const response = await ask('runs', { method: 'POST', body: { templateId: 'digits-softmax' }, headers });
    expect([response.status, await codeOf(response)]).toEqual([403, 'forbidden']);
    expect((await ask('runs', { headers: { cookie } })).status).toBe(200);
  });

  test('[O-2] ends when nobody uses it for two hours, after twelve hours however busy, and with its token', async () => {
    const store = openMemoryOperatorStore();
    let now = 1_795_000_000_000;
    const hours = (count: number): void => {
      now += count * 3_600_000;
    };
    const door = operatorDoor(store, () => now);
    const { operator, token } = await nameOperator(store, { name: 'Ada', role: 'operator' });
    const open = async (): Promise<string> =>
      (await door.login(token, { address: 'here', replaced: undefined })).cookie;
    const isOpen = (session: string): Promise<boolean> =>
      door.authorise({ bearer: undefined, session, address: 'here' }).then(
        () => true,
        () => false,
      );

    const idle = await open();
    hours(1.9);
    expect(await isOpen(idle)).toBe(true);
    hours(2);
    expect(await isOpen(idle)).toBe(false);

    const busy = await open();
    for (let hour = 0; hour < 11; hour += 1) {
      hours(1);
      expect(await isOpen(busy)).toBe(true);
    }
    hours(1);
    expect(await isOpen(busy)).toBe(false);

    const replaced = await open();
    await renewToken(store, operator.operatorId);
    expect(await isOpen(replaced)).toBe(false);
  });
});
