/** A participant made by hand for these tests: raw socket.io-client, fetch, and no rules of its own. */
import {
  type BlobHash,
  blobHashOf,
  type CoordinatorMessage,
  encodeFrame,
  modelPath,
  parameterCount,
  parameterShapes,
  SOCKET_PATH,
  type TaskManifest,
  UPDATES_PATH,
} from '@tributary/fl-core';
import { io, type Socket } from 'socket.io-client';
import { nativeSha256 } from '../src/native-sha256.ts';
import { type HandMadeIdentity, handMadeIdentity } from './hand-made-identity.ts';

export type MessageOf<Type extends CoordinatorMessage['type']> = Extract<CoordinatorMessage, { type: Type }>;

export interface Participant {
  readonly socket: Socket;
  readonly identity: HandMadeIdentity;
  readonly messages: readonly CoordinatorMessage[];
  send(message: unknown): void;
  /** Answers the challenge, as soon as there is one. */
  checkIn(overrides?: Record<string, unknown>): void;
  /** The next message of this type, from those not waited for yet. */
  next<Type extends CoordinatorMessage['type']>(type: Type): Promise<MessageOf<Type>>;
  close(): void;
}

export function connect(url: string, ticket: string, identity = handMadeIdentity()): Participant {
  const socket = io(url, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  const messages: CoordinatorMessage[] = [];
  const unread: CoordinatorMessage[] = [];
  const waiting = new Set<() => void>();
  const challenged = new Promise<string>((resolve) => {
    socket.on('message', (message: CoordinatorMessage) => {
      if (message.type === 'challenge') resolve(message.nonce);
    });
  });
  socket.on('message', (message: CoordinatorMessage) => {
    messages.push(message);
    unread.push(message);
    for (const look of [...waiting]) look();
  });
  return {
    socket,
    identity,
    messages,
    send: (message) => void socket.emit('message', message),
    checkIn(overrides = {}) {
      void challenged.then((nonce) => {
        const answer = identity.answer(nonce, ticket);
        const message = { type: 'checkIn', protocol: 1, ...answer, exampleCount: 10, backend: 'plain' };
        socket.emit('message', { ...message, ...overrides });
      });
    },
    next(type) {
      return new Promise((resolve, reject) => {
        const give = (): void => {
          const index = unread.findIndex((message) => message.type === type);
          if (index < 0) return;
          waiting.delete(give);
          clearTimeout(patience);
          resolve(unread.splice(index, 1)[0] as never);
        };
        const patience = setTimeout(() => {
          waiting.delete(give);
          reject(
            new Error(`no ${type} came; there were: ${messages.map((message) => message.type).join(', ')}`),
          );
        }, 8000);
        waiting.add(give);
        give();
      });
    },
    close: () => void socket.disconnect(),
  };
}

export interface HandMadeUpdate {
  readonly frame: Uint8Array;
  readonly announcement: { exampleCount: number; updateHash: BlobHash; updateBytes: number };
}

/** Every coordinate is `value`, so that the next model can be calculated by hand. */
export function updateOf(manifest: TaskManifest, value: number, exampleCount = 10): HandMadeUpdate {
  const shapes = parameterShapes(manifest.model);
  const frame = encodeFrame(
    { shapes, values: new Float32Array(parameterCount(shapes)).fill(value) },
    nativeSha256,
  );
  return announce(frame, exampleCount);
}

export function announce(frame: Uint8Array, exampleCount = 10): HandMadeUpdate {
  const updateHash = blobHashOf(frame, nativeSha256);
  return { frame, announcement: { exampleCount, updateHash, updateBytes: frame.length } };
}

export function putUpdate(url: string, uploadTicket: string, frame: Uint8Array | string): Promise<Response> {
  return fetch(url + UPDATES_PATH, {
    method: 'PUT',
    headers: { authorization: `Bearer ${uploadTicket}`, 'content-type': 'application/octet-stream' },
    body: frame as BodyInit,
  });
}

export async function getModel(url: string, hash: BlobHash): Promise<Uint8Array> {
  const response = await fetch(url + modelPath(hash));
  if (!response.ok) throw new Error(`model: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** From check-in to an acknowledged update. */
export async function takePart(
  participant: Participant,
  url: string,
  update: HandMadeUpdate,
): Promise<number> {
  const { roundNumber } = await participant.next('invited');
  participant.send({ type: 'ready', roundNumber, ...update.announcement });
  const { uploadTicket } = await participant.next('uploadGranted');
  const response = await putUpdate(url, uploadTicket, update.frame);
  if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`);
  return roundNumber;
}
