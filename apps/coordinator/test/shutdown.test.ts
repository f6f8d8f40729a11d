import { SOCKET_PATH } from '@tributary/fl-core';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';
import { startCoordinator } from '../src/app.ts';
import { smallTask } from './small-task.ts';

test('ends within seconds although participants keep reconnecting', async () => {
  const coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
  const run = await coordinator.createRun(smallTask());
  await coordinator.steer(run, 'launch');
  const sockets = Array.from({ length: 12 }, () =>
    io(coordinator.url, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 1,
      reconnectionDelayMax: 2,
      randomizationFactor: 0,
    }).on('disconnect', function (this: { connect(): void }) {
      this.connect();
    }),
  );
  await Promise.all(
    sockets.map((socket) => new Promise<void>((resolve) => void socket.once('connect', () => resolve()))),
  );
  const outcome = await Promise.race([
    coordinator.close().then(() => 'closed'),
    new Promise((resolve) => setTimeout(resolve, 5000, 'still open')),
  ]);
  for (const socket of sockets) socket.disconnect();
  expect(outcome).toBe('closed');
});
