/** A proxy with TLS on the same machine: links lead to it, and limits count those for whom it speaks. */
import { SOCKET_PATH } from '@tributary/fl-core';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { smallTask } from './small-task.ts';

const PUBLIC_URL = 'https://learn.example.org';
let coordinator: Coordinator;

beforeAll(async () => {
  coordinator = await startCoordinator({
    dataFolder: null,
    logLevel: 'silent',
    host: '0.0.0.0',
    publicUrl: PUBLIC_URL,
    socketsPerAddress: 1,
  });
});
afterAll(() => coordinator.close());

const login = (token: string, headers: Record<string, string>): Promise<Response> =>
  fetch(`${coordinator.url}/v1/admin/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  });

test('links lead to where people reach it, and its own address is one that can be opened', async () => {
  const run = await coordinator.createRun(smallTask());
  expect((await coordinator.invite(run)).joinUrl).toMatch(/^https:\/\/learn\.example\.org\/join#ticket=/);
  expect(coordinator.dashboardUrl()).toMatch(/^https:\/\/learn\.example\.org\/admin#token=/);
  expect(coordinator.url).toBe(`http://127.0.0.1:${coordinator.port}`);
});

test('the page behind the proxy may log in, over TLS only; another site may not', async () => {
  const token = coordinator.dashboardUrl().split('#token=')[1]!;
  const ours = await login(token, { origin: PUBLIC_URL, 'x-forwarded-proto': 'https' });
  expect(ours.status).toBe(200);
  expect(ours.headers.get('set-cookie')).toContain('; Secure');
  expect((await login(token, { origin: 'https://evil.example.org' })).status).toBe(403);
});

test('one who guesses does not use up the attempts of another', async () => {
  for (let attempt = 0; attempt < 10; attempt += 1)
    await login('guess', { 'x-forwarded-for': '198.51.100.1' });
  expect((await login('guess', { 'x-forwarded-for': '198.51.100.1' })).status).toBe(429);
  expect((await login('guess', { 'x-forwarded-for': '198.51.100.2' })).status).toBe(401);
});

test('connections are counted for each address, as the nearest proxy saw it', async () => {
  const outcomes: string[] = [];
  const sockets = [];
  for (const forwarded of ['198.51.100.1', '198.51.100.2', 'made up, 198.51.100.1']) {
    const socket = io(coordinator.url, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: { 'x-forwarded-for': forwarded },
    });
    sockets.push(socket);
    outcomes.push(
      await new Promise<string>((resolve) => {
        socket.once('connect', () => resolve('connected'));
        socket.once('connect_error', () => resolve('refused'));
      }),
    );
  }
  expect(outcomes).toEqual(['connected', 'connected', 'refused']);
  for (const socket of sockets) socket.disconnect();
});
