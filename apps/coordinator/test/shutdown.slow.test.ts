import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SOCKET_PATH } from '@tributary/fl-core';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';
import { type ControlChannelOptions, openControlChannel } from '../src/door/control-channel.ts';
import { createLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';

/** An upgraded connection would keep the HTTP server, and so the process, from ever ending. */
test('a peer that never answers the goodbye does not keep the process from ending', async () => {
  const { server, channel, socket } = await openConnectedChannel();
  (socket.io.engine.transport as unknown as { ws: { pause(): void } }).ws.pause();

  await channel.close();
  expect(await endOf(server)).toBe('ended');
  socket.disconnect();
});

test('once the control channel closes, whoever reconnects at once is turned away', async () => {
  const { server, channel, socket } = await openConnectedChannel();

  const gone = new Promise<void>((resolve) => void socket.once('disconnect', () => resolve()));
  await channel.close();
  await gone;
  const outcome = new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('connect_error', () => resolve('turned away'));
  });
  socket.connect();
  expect(await outcome).toBe('turned away');

  const ended = endOf(server);
  server.closeAllConnections();
  expect(await ended).toBe('ended');
  socket.disconnect();
});

async function openConnectedChannel() {
  const server = createServer();
  const channel = openControlChannel(server, {
    log: createLog('silent'),
    metrics: createMetrics(),
    socketsPerAddress: 8,
    isTrusted: () => false,
    origins: { allowed: [], publicUrl: undefined },
    checkInTimeoutMs: 5000,
  } as Partial<ControlChannelOptions> as ControlChannelOptions);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = io(`http://127.0.0.1:${port}`, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    reconnection: false,
  });
  await new Promise<void>((resolve) => void socket.once('connect', () => resolve()));
  return { server, channel, socket };
}

/** Whether the server ends within the three seconds that a person would wait. */
function endOf(server: Server): Promise<unknown> {
  const ended = new Promise((resolve) => void server.close(() => resolve('ended')));
  return Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000, 'still open'))]);
}
