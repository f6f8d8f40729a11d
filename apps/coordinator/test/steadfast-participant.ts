/**
 * A participant that holds on: whenever it can connect it checks in, and does what it is told. Its update
 * depends only on who it is and on the model it starts from, so that the same cohort gives the same model.
 */
import { request } from 'node:http';
import {
  type BlobHash,
  type CoordinatorMessage,
  SOCKET_PATH,
  type TaskManifest,
  UPDATES_PATH,
} from '@tributary/fl-core';
import { io, type Socket } from 'socket.io-client';
import { type HandMadeIdentity, handMadeIdentity } from './hand-made-identity.ts';
import { type HandMadeUpdate, putUpdate, updateOf } from './participant-driver.ts';

export type Moment =
  | 'admitted'
  | 'invited'
  | 'readySent'
  | 'uploadGranted'
  | 'uploadHalfSent'
  | 'uploadSent'
  | 'uploadAcknowledged'
  | 'roundCommitted';

export interface SteadfastParticipant {
  readonly identity: HandMadeIdentity;
  connect(url: string): void;
  disconnect(): void;
  /** Resolves with the final model's hash. */
  readonly ended: Promise<BlobHash>;
}

export function steadfastParticipant(options: {
  index: number;
  ticket: string;
  manifest: TaskManifest;
  onMoment: (moment: Moment, index: number, roundNumber: number) => void;
}): SteadfastParticipant {
  const { index, ticket, manifest, onMoment } = options;
  const identity = handMadeIdentity(`steadfast ${index}`);
  let nonce = '';
  let socket: Socket | null = null;
  let update: HandMadeUpdate | null = null;
  let end: (hash: BlobHash) => void = () => {};
  const ended = new Promise<BlobHash>((resolve) => {
    end = resolve;
  });

  const receive = async (url: string, message: CoordinatorMessage, from: Socket): Promise<void> => {
    switch (message.type) {
      case 'challenge':
        nonce = message.nonce;
        return checkIn(from);
      case 'admitted':
        return onMoment('admitted', index, 0);
      case 'comeBack':
        setTimeout(() => checkIn(from), 300);
        return;
      case 'invited':
        onMoment('invited', index, message.roundNumber);
        update = updateFor(manifest, index, message.modelHash);
        from.emit('message', { type: 'ready', roundNumber: message.roundNumber, ...update.announcement });
        return onMoment('readySent', index, message.roundNumber);
      case 'uploadGranted':
        onMoment('uploadGranted', index, message.roundNumber);
        return upload(url, message);
      case 'roundCommitted':
        return onMoment('roundCommitted', index, message.roundNumber);
      case 'runEnded':
        return end(message.modelHash);
      default:
        return;
    }
  };

  const upload = async (
    url: string,
    { uploadTicket, roundNumber }: { uploadTicket: string; roundNumber: number },
  ) => {
    const { frame } = update!;
    await sendHalf(url, uploadTicket, frame);
    onMoment('uploadHalfSent', index, roundNumber);
    const sending = putUpdate(url, uploadTicket, frame);
    onMoment('uploadSent', index, roundNumber);
    const response = await sending;
    if (response.ok) onMoment('uploadAcknowledged', index, roundNumber);
  };

  const checkIn = (from: Socket): void => {
    const message = {
      type: 'checkIn',
      protocol: 1,
      ...identity.answer(nonce, ticket),
      exampleCount: 10 + index,
      backend: 'plain',
    };
    from.emit('message', message);
  };

  return {
    identity,
    ended,
    connect(url) {
      const opened = io(url, {
        path: SOCKET_PATH,
        transports: ['websocket'],
        forceNew: true,
        reconnectionDelay: 50,
      });
      // A dead coordinator is met again after the reconnect; whatever was under way then starts anew.
      opened.on('message', (message) => receive(url, message, opened).catch(() => {}));
      socket = opened;
    },
    disconnect: () => void socket?.disconnect(),
  };
}

/** Multiples of 1/64: exact in fixed point, different for each participant and model. */
function updateFor(manifest: TaskManifest, index: number, modelHash: BlobHash): HandMadeUpdate {
  return updateOf(manifest, (Number.parseInt(modelHash.slice(0, 2), 16) - 100 + index) / 64, 10 + index);
}

/** An upload that breaks off in the middle, as when a train enters a tunnel. */
function sendHalf(url: string, uploadTicket: string, frame: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${uploadTicket}`,
      'content-type': 'application/octet-stream',
      'content-length': frame.length,
    };
    const half = request(url + UPDATES_PATH, { method: 'PUT', headers }, () => {});
    half.on('error', () => resolve());
    half.write(frame.subarray(0, frame.length / 2), () => setTimeout(() => half.destroy(), 20));
    half.on('close', () => resolve());
  });
}
