/**
 * A whole round at once: 300 participants connect, check in, fetch the model, announce and upload 4 MB each in the
 * same moment. The nearest peer needs 42 to 51 s for it, stalls for 22 to 34 s, and takes 2.9 GB.
 */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import {
  type BlobHash,
  type CoordinatorMessage,
  encodeFrame,
  modelPath,
  parameterCount,
  parameterShapes,
  parseManifest,
  type TaskManifestInput,
  UPDATES_PATH,
} from '@tributary/fl-core';
import type { BenchmarkOptions } from '../benchmark.ts';
import { type LoadedCoordinator, startLoadedCoordinator } from './coordinator.ts';
import { joinAsParticipant, type LightParticipant } from './light-participant.ts';
import { type LoadRow, loadRow } from './load-row.ts';

const LIMITS = { seconds: 10, stallSeconds: 0.1, peakBytes: 400e6 };
const SHARED_CHUNK_BYTES = 64 * 1024;

const nativeSha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

function burstTask(participants: number): TaskManifestInput {
  return {
    manifestVersion: 1,
    name: 'burst',
    seed: 'burst',
    // 1,000,120 parameters.
    model: { kind: 'mlp', inputSize: 784, hidden: [1258], classes: 10 },
    data: {
      kind: 'image',
      height: 28,
      width: 28,
      channels: 1,
      labels: Array.from({ length: 10 }, (_, digit) => String(digit)),
    },
    training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
    rounds: {
      committedRounds: 1,
      reportGoal: participants,
      overSelection: 1,
      minimumSurvivors: participants,
      trainingSeconds: 300,
      reportingSeconds: 300,
    },
    aggregation: { serverOptimiser: { kind: 'sgd' } },
  };
}

export async function measureBurst({ quick }: BenchmarkOptions): Promise<LoadRow> {
  const participants = quick ? 60 : 300;
  const task = burstTask(participants);
  const updates = prepareUpdates(task, participants);
  const coordinator = await startLoadedCoordinator(task);
  try {
    await coordinator.startMeasuring();
    const started = performance.now();
    const outcomes = await Promise.all(updates.map((update, index) => takePart(coordinator, index, update)));
    const seconds = (performance.now() - started) / 1000;
    if (!outcomes.every(Boolean)) throw new Error('an update is not in the sum');
    return loadRow('burst, 4 MB each', participants, { seconds, ...(await coordinator.measure()) }, LIMITS);
  } finally {
    await coordinator.stop();
  }
}

interface PreparedUpdate {
  readonly updateHash: BlobHash;
  readonly updateBytes: number;
  /** Only its beginning and its end are its own: 300 whole updates would not fit beside the server. */
  readonly chunks: readonly Uint8Array[];
}

/** Prepared before the clock starts: a participant's training and hashing happen on the participant's device. */
function prepareUpdates(task: TaskManifestInput, count: number): PreparedUpdate[] {
  const shapes = parameterShapes(parseManifest(task).model);
  const values = new Float32Array(parameterCount(shapes)).map((_, i) => ((i % 61) - 30) / 1024);
  return Array.from({ length: count }, (_, index) => {
    values[0] = index / 1024;
    const frame = encodeFrame({ shapes, values }, nativeSha256);
    const updateHash = createHash('sha256').update(frame).digest('hex') as BlobHash;
    return { updateHash, updateBytes: frame.length, chunks: shareMiddle(frame) };
  });
}

let sharedMiddle: Uint8Array | null = null;

function shareMiddle(frame: Uint8Array): Uint8Array[] {
  const end = frame.length - 32;
  sharedMiddle ??= frame.slice(SHARED_CHUNK_BYTES, end);
  return [frame.slice(0, SHARED_CHUNK_BYTES), sharedMiddle, frame.slice(end)];
}

/** Resolves with whether the update is in the committed round. */
function takePart(coordinator: LoadedCoordinator, index: number, update: PreparedUpdate): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const receive = async (message: CoordinatorMessage): Promise<void> => {
      switch (message.type) {
        case 'invited': {
          const { roundNumber } = message;
          await download(coordinator, message.modelHash, { isChecked: index === 0 });
          const { updateHash, updateBytes } = update;
          return participant.send({ type: 'ready', roundNumber, exampleCount: 100, updateHash, updateBytes });
        }
        case 'uploadGranted':
          return upload(coordinator, message.uploadTicket, update);
        case 'roundCommitted':
          participant.close();
          return resolve(message.accepted);
        case 'refused':
        case 'released':
        case 'roundAbandoned':
          throw new Error(JSON.stringify(message));
      }
    };
    const participant: LightParticipant = joinAsParticipant(coordinator, index, {
      onMessage: (message) => void receive(message).catch(reject),
      onClose: () => reject(new Error('a connection was closed')),
    });
  });
}

function download(
  { url }: LoadedCoordinator,
  modelHash: BlobHash,
  { isChecked }: { isChecked: boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url + modelPath(modelHash), { agent: false }, (response) => {
      const hash = createHash('sha256');
      response.on('data', (chunk: Buffer) => isChecked && hash.update(chunk));
      response.on('end', () => {
        const isRight = response.statusCode === 200 && (!isChecked || hash.digest('hex') === modelHash);
        if (isRight) resolve();
        else reject(new Error(`model: ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function upload(
  { url }: LoadedCoordinator,
  ticket: string,
  { chunks, updateBytes }: PreparedUpdate,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${ticket}`,
      'content-type': 'application/octet-stream',
      'content-length': updateBytes,
    };
    const sent = request(url + UPDATES_PATH, { method: 'PUT', agent: false, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`upload: ${response.statusCode} ${body}`));
      });
    });
    sent.on('error', reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}
