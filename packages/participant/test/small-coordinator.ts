/** A coordinator for one participant and one round at a time: real sockets, real HTTP, no judgement. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BlobHash,
  baseModelOf,
  blobHashOf,
  type ClientMessage,
  type CoordinatorMessage,
  clientMessageSchema,
  emptyModelLog,
  encodeFrame,
  initialParameters,
  JOIN_PATH,
  modelLogHead,
  modelPath,
  type ParameterSet,
  parseManifest,
  plainSha256,
  type RunId,
  SOCKET_PATH,
  type TaskManifest,
  type TaskManifestInput,
  UPDATES_PATH,
  UPLOAD_OFFSET_HEADER,
} from '@tributary/fl-core';
import { Server, type Socket } from 'socket.io';

export const RUN_ID = 'run-under-test' as RunId;
export const TICKET = 'admission-ticket-that-stays-secret';
export const CLIENT_ID = '0123456789abcdef0123456789abcdef';

export const TASK: TaskManifestInput = {
  manifestVersion: 1,
  name: 'two colours',
  seed: 'seed',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['dark', 'light'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 4, batchSize: 2 },
  rounds: { committedRounds: 1, reportGoal: 1, minimumSurvivors: 1, comeBackSeconds: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

/** What happens to the next upload instead of being accepted. */
export type UploadFault = 'unavailable' | 'cut' | 'halfway' | 'refused';

export interface SmallCoordinator {
  readonly port: number;
  readonly url: string;
  readonly manifest: TaskManifest;
  readonly initial: ParameterSet;
  readonly modelHash: BlobHash;
  readonly received: ClientMessage[];
  readonly uploads: Buffer[];
  readonly downloads: { count: number };
  readonly baseDownloads: { count: number };
  /** How often somebody asked how much of an update has arrived. */
  readonly questions: { count: number };
  faults: UploadFault[];
  /** Ends the connection from this side, as a server that shuts down does. */
  hangUp(): void;
  /** The round is over; `isHeard`: the participant is told, and whether its update is in the model. */
  commit(outcome?: { accepted?: boolean; isHeard?: boolean }): void;
  /** Sends anything to the participant that is connected now. */
  say(message: unknown): void;
  close(): Promise<void>;
}

export async function openSmallCoordinator(
  settings: {
    task?: Partial<TaskManifestInput>;
    rounds?: number;
    /** Rounds are committed by `commit`, and not by themselves. */
    waits?: boolean;
    /** What it serves under the hash of the base model that the task adapts. */
    base?: Uint8Array;
  } = {},
): Promise<SmallCoordinator> {
  const manifest = parseManifest({ ...TASK, ...settings.task });
  const rounds = settings.rounds ?? 1;
  const initial = initialParameters(manifest.model, manifest.seed);
  const model = encodeFrame(initial, plainSha256);
  const modelHash = blobHashOf(model);
  let roundNumber = 1;
  let socket: Socket | null = null;
  let arrived: Buffer = Buffer.alloc(0);

  const http = createServer((request, response) => void answer(request, response));
  const io = new Server(http, { path: SOCKET_PATH, serveClient: false, transports: ['websocket'] });
  const coordinator = {
    manifest,
    initial,
    modelHash,
    received: [] as ClientMessage[],
    uploads: [] as Buffer[],
    downloads: { count: 0 },
    baseDownloads: { count: 0 },
    questions: { count: 0 },
    faults: [] as UploadFault[],
    hangUp: () => void socket?.disconnect(true),
    commit: commitRound,
    say: (message: unknown) => void socket?.emit('message', message),
  };

  io.on('connection', (connected) => {
    socket = connected;
    tell({ type: 'challenge', nonce: randomBytes(32).toString('hex') });
    connected.on('message', (raw: unknown) => {
      const message = clientMessageSchema.parse(raw);
      coordinator.received.push(message);
      if (message.type === 'checkIn') {
        tell({ type: 'admitted', runId: RUN_ID, clientId: CLIENT_ID as never, manifest });
        tell(invitation());
      }
      if (message.type === 'ready') {
        const uploadTicket = `ticket-for-${message.updateHash}`;
        tell({ type: 'uploadGranted', roundNumber, uploadTicket, cohortSize: 1, deadlineSeconds: 60 });
      }
    });
  });

  function invitation(): CoordinatorMessage {
    const previousModelLog = headAfter(roundNumber - 1);
    const modelLog = modelLogHead(previousModelLog, { roundNumber, modelHash });
    return { type: 'invited', roundNumber, modelHash, modelLog, previousModelLog, deadlineSeconds: 60 };
  }

  /** Every round starts from the same model here. */
  function headAfter(rounds: number): BlobHash {
    if (rounds === 0) return emptyModelLog(RUN_ID);
    return modelLogHead(headAfter(rounds - 1), { roundNumber: rounds, modelHash });
  }

  function tell(message: CoordinatorMessage): void {
    coordinator.say(message);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === modelPath(modelHash)) {
      coordinator.downloads.count += 1;
      response.end(model);
      return;
    }
    const base = baseModelOf(manifest.model);
    if (base !== null && settings.base && request.url === modelPath(base)) {
      coordinator.baseDownloads.count += 1;
      return void response.end(settings.base);
    }
    if (request.url === JOIN_PATH) {
      const isWelcome = request.headers.authorization === `Bearer ${TICKET}`;
      const info = { runId: RUN_ID, status: 'running', manifest, modelHash, committedRounds: 0 };
      const problem = { code: 'ticket-invalid', message: 'this link is not valid' };
      return void response.writeHead(isWelcome ? 200 : 401).end(JSON.stringify(isWelcome ? info : problem));
    }
    if (request.method === 'HEAD' && request.url === UPDATES_PATH) {
      coordinator.questions.count += 1;
      return void response.setHeader(UPLOAD_OFFSET_HEADER, arrived.length).end();
    }
    if (request.method !== 'PUT' || request.url !== UPDATES_PATH) return void response.writeHead(404).end();
    const fault = coordinator.faults.shift();
    if (fault === 'cut') return void request.socket.destroy();
    const offset = Number(request.headers[UPLOAD_OFFSET_HEADER]);
    const chunks: Buffer[] = [arrived.subarray(0, offset)];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (fault === 'halfway') {
      const whole = Buffer.concat(chunks);
      arrived = whole.subarray(0, Math.floor(whole.length / 2));
      return void request.socket.destroy();
    }
    if (fault) return answerFault(response, fault);
    const body = Buffer.concat(chunks);
    const updateHash = blobHashOf(body);
    if (request.headers.authorization !== `Bearer ticket-for-${updateHash}`)
      return void response.writeHead(401).end();
    coordinator.uploads.push(body);
    response.end(JSON.stringify({ accepted: true, roundNumber, updateHash, bytes: body.length }));
    arrived = Buffer.alloc(0);
    if (!settings.waits) setTimeout(commitRound, 20);
  }

  function commitRound({ accepted = true, isHeard = true } = {}): void {
    if (isHeard) tell({ type: 'roundCommitted', roundNumber, modelHash, survivors: 1, accepted });
    if (roundNumber === rounds) {
      tell({ type: 'runEnded', status: 'completed', modelHash, committedRounds: rounds });
      return;
    }
    roundNumber += 1;
    if (isHeard) tell(invitation());
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return Object.assign(coordinator, {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      http.closeAllConnections();
      await io.close();
    },
  });
}

function answerFault(response: ServerResponse, fault: Exclude<UploadFault, 'cut' | 'halfway'>): void {
  if (fault === 'unavailable') response.writeHead(503).end();
  else response.writeHead(422).end(JSON.stringify({ code: 'update-out-of-range', message: 'too far' }));
}
