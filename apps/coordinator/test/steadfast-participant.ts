/**
 * A participant that holds on: whenever it can connect it checks in, and does what it is told. Its update
 * depends only on who it is and on the model it starts from, so that the same cohort gives the same model.
 */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BlobHash,
  type CodedRound,
  type CoordinatorMessage,
  codeClearUpdate,
  isClearCode,
  parameterCount,
  parameterShapes,
  type RunId,
  roundCode,
  SOCKET_PATH,
  type TaskManifest,
  UPDATES_PATH,
} from '@tributary/fl-core';
import { io, type Socket } from 'socket.io-client';
import { type HandMadeIdentity, handMadeIdentity } from './hand-made-identity.ts';
import { announce, type HandMadeUpdate, putUpdate, updateOf } from './participant-driver.ts';

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
  /** What it heard of the rounds that were committed: the model of each. */
  readonly committed: ReadonlyMap<number, BlobHash>;
  /** Rounds in which its update was acknowledged. */
  readonly acknowledged: ReadonlySet<number>;
  /** Resolves with the final model's hash. */
  readonly ended: Promise<BlobHash>;
}

export function steadfastParticipant(options: {
  index: number;
  ticket: string;
  manifest: TaskManifest;
  /** Makes other updates of the same models. */
  seed?: number;
  /** Waits a little before each step, so that others may come first. */
  dawdle?: () => Promise<void>;
  onMoment: (moment: Moment, index: number, roundNumber: number) => void;
}): SteadfastParticipant {
  const { index, ticket, manifest, onMoment, seed = 0, dawdle = async () => {} } = options;
  const committed = new Map<number, BlobHash>();
  const acknowledged = new Set<number>();
  const identity = handMadeIdentity(`steadfast ${index}`);
  let nonce = '';
  let runId = '' as RunId;
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
        await dawdle();
        return checkIn(from);
      case 'admitted':
        runId = message.runId;
        return onMoment('admitted', index, 0);
      case 'comeBack':
        setTimeout(() => checkIn(from), 300);
        return;
      case 'invited':
        onMoment('invited', index, message.roundNumber);
        update = steadfastUpdate(manifest, { ...message, index, seed, runId });
        await dawdle();
        say(from, { type: 'ready', roundNumber: message.roundNumber, ...update.announcement });
        return onMoment('readySent', index, message.roundNumber);
      case 'uploadGranted':
        onMoment('uploadGranted', index, message.roundNumber);
        await dawdle();
        return upload(url, message);
      case 'roundCommitted':
        committed.set(message.roundNumber, message.modelHash);
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
    const sending = holdOn(() => putUpdate(url, uploadTicket, frame));
    onMoment('uploadSent', index, roundNumber);
    const response = await sending;
    if (!response.ok) return;
    acknowledged.add(roundNumber);
    onMoment('uploadAcknowledged', index, roundNumber);
  };

  const checkIn = (from: Socket): void => {
    const message = {
      type: 'checkIn',
      protocol: 1,
      ...identity.answer(nonce, ticket),
      exampleCount: 10 + index + seed,
      backend: 'plain',
    };
    say(from, message);
  };

  return {
    identity,
    committed,
    acknowledged,
    ended,
    connect(url) {
      const opened = io(url, {
        path: SOCKET_PATH,
        transports: ['websocket'],
        forceNew: true,
        reconnectionDelay: 50,
        reconnectionDelayMax: 200,
      });
      // A dead coordinator is met again after the reconnect; whatever was under way then starts anew.
      opened.on('message', (message) => receive(url, message, opened).catch(() => {}));
      socket = opened;
    },
    disconnect: () => void socket?.disconnect(),
  };
}

/** Never later: what is kept for the next connection would answer a challenge that is gone. */
function say(to: Socket, message: object): void {
  if (to.connected) to.emit('message', message);
}

/**
 * The first try may go to a connection that the last coordinator left behind, or be ended by the half that was sent
 * before it and is noticed after it.
 */
async function holdOn(send: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send().catch((error: Error) => error);
    const isFinal = response instanceof Response && !(await wasInterrupted(response));
    if (isFinal) return response;
    if (attempt === 8) throw response;
    await delay(50 * attempt);
  }
}

async function wasInterrupted(response: Response): Promise<boolean> {
  if (response.ok) return false;
  return ((await response.clone().json()) as { code: string }).code === 'upload-interrupted';
}

/**
 * Multiples of 1/64: exact in fixed point, different for each participant, seed and model. In a clear code they are coded
 * for this round and participant, and are whatever that makes of them.
 */
export function steadfastUpdate(
  manifest: TaskManifest,
  who: { index: number; seed: number } & CodedRound,
): HandMadeUpdate {
  const { index, seed, modelHash, roundNumber } = who;
  const value = (Number.parseInt(modelHash.slice(0, 2), 16) - 100 + index + 7 * seed) / 64;
  const exampleCount = 10 + index + seed;
  const { compression } = manifest;
  if (!isClearCode(compression)) return updateOf(manifest, value, exampleCount);
  const shapes = parameterShapes(manifest.model);
  const delta = { shapes, values: new Float32Array(parameterCount(shapes)).fill(value) };
  const { frame } = codeClearUpdate(delta, compression, {
    ...{ manifest, roundNumber, bits: null, memory: null },
    round: roundCode({ ...who, encoding: null }),
    clientId: handMadeIdentity(`steadfast ${index}`).clientId,
    random: { fill: (words) => words.fill(0) },
  });
  return announce(frame, exampleCount);
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
