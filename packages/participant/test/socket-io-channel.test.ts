/** Messages with bytes, against a socket.io server and a proxy that reads the frames by itself. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SOCKET_PATH } from '@tributary/fl-core';
import { Server } from 'socket.io';
import { expect, it, onTestFinished } from 'vitest';
import { describeFrame } from '../src/ledger/describe-frame.ts';
import type { WrittenFrame } from '../src/transport/control-channel.ts';
import { openSocketIoChannel } from '../src/transport/socket-io-channel.ts';
import { aProxy } from './participant-scene.ts';

it('[L-2] hands over every frame before it goes, attachments too, and says whose each is', async () => {
  const http = createServer();
  const server = new Server(http, { path: SOCKET_PATH, transports: ['websocket'] });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const heard: unknown[] = [];
  const answers: unknown[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (message) => {
      heard.push(message);
      socket.emit('message', message);
    });
    socket.emit('message', 'welcome');
  });
  const proxy = await aProxy((http.address() as AddressInfo).port);
  const frames: WrittenFrame[] = [];
  const channel = openSocketIoChannel(proxy.url, {
    disconnected: () => {},
    failed: () => {},
    received: (message) => answers.push(message),
    writing: async (frame) => void frames.push(frame),
  });
  channel.connect();
  await expect.poll(() => answers).toEqual(['welcome']);
  // A view of a larger buffer: only what it shows may leave.
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i).subarray(20, 180);
  const other = Uint8Array.of(9, 8, 7);
  const send = (message: object) => channel.send(message as never);
  send({ type: 'progress', roundNumber: 4 });
  send({ type: 'ready', roundNumber: 5, bytes, other });
  send({ type: 'leave', reason: 'x' });
  await expect.poll(() => answers).toHaveLength(4);
  await channel.close();

  expect(heard.at(-2)).toEqual({
    type: 'ready',
    roundNumber: 5,
    bytes: Buffer.from(bytes),
    other: Buffer.from(other),
  });
  // Bytes come as `Buffer` in Node and as `ArrayBuffer` in a browser; the schema of a message makes one of both.
  expect(answers.at(-2)).toEqual({
    type: 'ready',
    roundNumber: 5,
    bytes: Buffer.from(bytes),
    other: Buffer.from(other),
  });
  const hex = (payloads: Uint8Array[]) => payloads.map((payload) => Buffer.from(payload).toString('hex'));
  expect(hex(frames.map(({ payload }) => payload))).toEqual(hex(proxy.payloads()));
  expect(
    frames.map((frame) => describeFrame(frame)).map(({ subject, roundNumber }) => [subject, roundNumber]),
  ).toEqual([
    ['connection', null],
    ['progress', 4],
    ['announcement', 5],
    ['announcement', 5],
    ['announcement', 5],
    ['goodbye', null],
  ]);
});
