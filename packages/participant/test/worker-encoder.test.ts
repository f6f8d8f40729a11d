import {
  type BlobHash,
  type ClientId,
  parameterShapes,
  parseManifest,
  type RunId,
  roundSeed,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import type { EncodingAnswer, EncodingRequest } from '../src/encoding/encoding-messages.ts';
import { encodeInPlace } from '../src/encoding/update-encoder.ts';
import { createWorkerEncoder } from '../src/index.ts';
import { clearFrame } from '../src/round/clear-frame.ts';
import type { LocalUpdate } from '../src/round/local-update.ts';
import { CLIENT_ID, RUN_ID, TASK } from './small-coordinator.ts';

/** Public randomness alone, so that both make the same integers. */
const DITHERED = {
  codec: 'quantised',
  valueBits: 8,
  rotation: 'full',
  rounding: 'dithered',
  feedback: { mode: 'on' },
} as const;

describe('an encoder in a worker', () => {
  it('makes the vectors and the frames that are made in place, and takes the delta over', async () => {
    const workers: ScriptedWorker[] = [];
    const frames: Uint8Array[] = [];
    const encoder = createWorkerEncoder(() => {
      const worker = scriptedWorker(async ({ update, round }) => {
        const coded = await clearFrame(update, round);
        frames.push(coded.frame);
        return { kind: 'encoded', coded };
      });
      workers.push(worker);
      return worker as unknown as Worker;
    });
    const round = roundOf(DITHERED);
    const given = anUpdate();
    const [made, expected] = [
      await encoder.vectors(given, round),
      await encodeInPlace.vectors(anUpdate(), round),
    ];
    expect(made.update.map((vector) => vector.lanes())).toEqual(
      expected.update.map((vector) => vector.lanes()),
    );
    expect(made.pending).toEqual(expected.pending);
    expect(given.modelDelta.values.length).toBe(0);
    // What the worker made is not masked, and does not stay.
    expect(frames[0]!.every((byte) => byte === 0)).toBe(true);

    const coded = { ...round, bytesPerSecond: null };
    expect(await encoder.frame(anUpdate(), coded)).toEqual(await encodeInPlace.frame(anUpdate(), coded));
    expect(workers.map(({ isTerminated }) => isTerminated())).toEqual([true, true]);
  });

  it('is not asked for what is sent as it is', async () => {
    const encoder = createWorkerEncoder(() => {
      throw new Error('no worker is needed');
    });
    const coded = { ...roundOf({ codec: 'float32' }), bytesPerSecond: null };
    expect(await encoder.frame(anUpdate(), coded)).toEqual(await encodeInPlace.frame(anUpdate(), coded));
  });

  it.each([
    ['says what is wrong', 'update-not-finite'],
    ['dies', 'internal'],
  ] as const)('that %s fails with a code, and is ended', async (how, code) => {
    const worker = scriptedWorker(() =>
      how === 'dies'
        ? Promise.reject(new Error('out of memory'))
        : Promise.resolve({ kind: 'failed', code, message: 'a value is not a number' }),
    );
    const encoder = createWorkerEncoder(() => worker as unknown as Worker);
    await expect(encoder.vectors(anUpdate(), roundOf(DITHERED))).rejects.toMatchObject({ code });
    expect(worker.isTerminated()).toBe(true);
  });
});

function roundOf(compression: TaskManifestInput['compression']) {
  const manifest = parseManifest({ ...TASK, compression });
  const modelHash = 'b2'.repeat(32) as BlobHash;
  const seed = roundSeed({ runId: RUN_ID as RunId, roundNumber: 3, modelHash });
  const round = { seed, encoding: null };
  return { manifest, roundNumber: 3, round, clientId: CLIENT_ID as ClientId, memory: null };
}

function anUpdate(): LocalUpdate {
  const shapes = parameterShapes(parseManifest(TASK).model);
  const count = shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i) / 10);
  return { modelDelta: { shapes, values }, exampleCount: 7, evaluation: null };
}

interface ScriptedWorker {
  postMessage(request: EncodingRequest, transfer: ArrayBuffer[]): void;
  onmessage?: (event: { readonly data: EncodingAnswer }) => void;
  onerror?: () => void;
  terminate(): void;
  isTerminated(): boolean;
}

/** Messages are copied and transferred as to a real one. */
function scriptedWorker(answer: (request: EncodingRequest) => Promise<EncodingAnswer>): ScriptedWorker {
  let terminated = false;
  const worker: ScriptedWorker = {
    postMessage(request, transfer) {
      void answer(structuredClone(request, { transfer })).then(
        (data) => worker.onmessage?.({ data }),
        () => worker.onerror?.(),
      );
    },
    terminate: () => {
      terminated = true;
    },
    isTerminated: () => terminated,
  };
  return worker;
}
