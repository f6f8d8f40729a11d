/** A participant without a trainer: it connects, checks in, and hands every message of the coordinator on. */
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  type CoordinatorMessage,
  checkInMessage,
  PROTOCOL_VERSION,
  type PublicKey,
  SOCKET_PATH,
} from '@tributary/fl-core';
import type { LoadedCoordinator } from './coordinator.ts';
import { openLightSocket } from './light-socket.ts';

export interface LightParticipant {
  send(message: object): void;
  close(): void;
}

/** Connections of one address, well below the 1,024 that the coordinator allows. */
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
      if (!text.startsWith('42')) return;
      const [, message] = JSON.parse(text.slice(2)) as [string, CoordinatorMessage];
      if (message.type === 'challenge') send(checkIn(coordinator, message.nonce));
      else handlers.onMessage(message);
    },
    onClose: () => handlers.onClose?.(),
  });
  const send = (message: object): void => socket.send(`42${JSON.stringify(['message', message])}`);
  return { send, close: socket.close };
}

/** From a new device. */
function checkIn({ runId, admissionTicket: ticket }: LoadedCoordinator, nonce: string): object {
  const { privateKey, publicKey: spki } = generateKeyPairSync('ed25519');
  const publicKey = spki.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex') as PublicKey;
  const message = checkInMessage({ protocol: PROTOCOL_VERSION, nonce, ticket, runId, publicKey });
  return {
    type: 'checkIn',
    protocol: PROTOCOL_VERSION,
    ticket,
    publicKey,
    signature: sign(null, message, privateKey).toString('hex'),
    exampleCount: 100,
    backend: 'wasm',
  };
}

/** 127.0.1.1, 127.0.1.2, ...: all of 127/8 is this machine. */
function addressOf(index: number): string {
  const address = Math.floor(index / PARTICIPANTS_PER_ADDRESS);
  return `127.0.${1 + Math.floor(address / 250)}.${1 + (address % 250)}`;
}
