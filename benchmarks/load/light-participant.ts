/** A participant without a trainer: it connects, checks in, and hands every message of the coordinator on. */
import { randomBytes } from 'node:crypto';
import { type CoordinatorMessage, PROTOCOL_VERSION, SOCKET_PATH } from '@tributary/fl-core';
import type { LoadedCoordinator } from './coordinator.ts';
import { openLightSocket } from './light-socket.ts';

export interface LightParticipant {
  send(message: object): void;
  close(): void;
}

/** Connections of one address; the coordinator allows 256. */
const PARTICIPANTS_PER_ADDRESS = 200;

export function joinAsParticipant(
  coordinator: LoadedCoordinator,
  index: number,
  handlers: {
    readonly onMessage: (message: CoordinatorMessage) => void;
    readonly onClose?: () => void;
  },
): LightParticipant {
  const socket = openLightSocket({
    host: '127.0.0.1',
    port: coordinator.port,
    path: `${SOCKET_PATH}/?EIO=4&transport=websocket`,
    localAddress: addressOf(index),
    onText(text) {
      if (text === '2') return socket.send('3');
      if (text.startsWith('0')) return socket.send('40');
      if (text.startsWith('40')) return send(checkIn(coordinator.admissionTicket));
      if (text.startsWith('42'))
        handlers.onMessage((JSON.parse(text.slice(2)) as [string, CoordinatorMessage])[1]);
    },
    onClose: () => handlers.onClose?.(),
  });
  const send = (message: object): void => socket.send(`42${JSON.stringify(['message', message])}`);
  return { send, close: socket.close };
}

function checkIn(ticket: string): object {
  return {
    type: 'checkIn',
    protocol: PROTOCOL_VERSION,
    ticket,
    deviceSecret: randomBytes(32).toString('hex'),
    exampleCount: 100,
    backend: 'wasm',
  };
}

/** 127.0.1.1, 127.0.1.2, ...: all of 127/8 is this machine. */
function addressOf(index: number): string {
  const address = Math.floor(index / PARTICIPANTS_PER_ADDRESS);
  return `127.0.${1 + Math.floor(address / 250)}.${1 + (address % 250)}`;
}
