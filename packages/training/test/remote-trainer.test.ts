/** The caller's side of a worker whose answers we choose. */
import { initialParameters } from '@tributary/fl-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createWorkLimit } from '../src/work-limit.ts';
import type { MessageFromWorker, MessageToWorker } from '../src/worker/messages.ts';
import { openRemoteTrainer } from '../src/worker/remote-trainer.ts';
import { clouds, localTraining, SOFTMAX } from './small-problems.ts';

function scriptedWorker() {
  const sent: MessageToWorker[] = [];
  let answer: (message: MessageFromWorker) => void = () => {};
  let crash: (reason: string) => void = () => {};
  const state = { sent, terminated: false };
  return {
    state,
    answer: (message: MessageFromWorker) => answer(message),
    crash: (reason: string) => crash(reason),
    channel: {
      post: (message: MessageToWorker) => sent.push(message),
      onMessage: (listener: typeof answer) => {
        answer = listener;
      },
      onCrash: (listener: typeof crash) => {
        crash = listener;
      },
      terminate: async () => {
        state.terminated = true;
      },
    },
  };
}

const request = {
  model: SOFTMAX,
  initial: initialParameters(SOFTMAX, 'remote'),
  examples: clouds(SOFTMAX, 10),
  training: localTraining(),
  seed: 'remote',
};
const backend = { name: 'wasm', adapter: '', passedOver: [] } as const;

async function opened() {
  const worker = scriptedWorker();
  const opening = openRemoteTrainer(worker.channel, { model: SOFTMAX });
  worker.answer({ type: 'opened', backend });
  return { worker, trainer: await opening };
}

afterEach(() => void vi.useRealTimers());

describe('a trainer behind a worker', () => {
  it('rejects a running call with a Tributary error when the worker crashes, and every later one', async () => {
    const { worker, trainer } = await opened();
    const running = trainer.train(request);
    worker.crash('out of memory');
    await expect(running).rejects.toMatchObject({
      code: 'backend-unavailable',
      message: 'the training worker ended: out of memory',
    });
    await expect(trainer.train(request)).rejects.toMatchObject({ code: 'backend-unavailable' });
    expect(worker.state.terminated).toBe(true);
  });

  it('hands a refusal to open on with its code, and terminates the worker', async () => {
    const worker = scriptedWorker();
    const opening = openRemoteTrainer(worker.channel, { model: SOFTMAX });
    worker.answer({ type: 'openFailed', error: { code: 'backend-unavailable', message: 'nothing here' } });
    await expect(opening).rejects.toMatchObject({ code: 'backend-unavailable', message: 'nothing here' });
    expect(worker.state.terminated).toBe(true);
  });

  it('is stopped within a second even when the worker is deep in a batch, and drops its late answer', async () => {
    vi.useFakeTimers();
    const { worker, trainer } = await opened();
    const stop = new AbortController();
    const refused = expect(trainer.train(request, { signal: stop.signal })).rejects.toMatchObject({
      code: 'training-stopped',
    });
    stop.abort();
    await vi.advanceTimersByTimeAsync(1000);
    await refused;
    expect(worker.state.sent.at(-1)).toEqual({ type: 'stop', call: 1 });
    worker.answer({
      type: 'trained',
      call: 1,
      result: { parameters: request.initial, examplesTrained: 10, meanLoss: 1, seconds: 1 },
    });
  });

  it('brings progress and checkpoints to the call that they belong to', async () => {
    const { worker, trainer } = await opened();
    const seen: string[] = [];
    const result = { parameters: request.initial, examplesTrained: 10, meanLoss: 1, seconds: 1 };
    const first = trainer.train(request, { onProgress: () => seen.push('first') });
    const second = trainer.train(request, {
      onProgress: () => seen.push('second'),
      onCheckpoint: () => seen.push('checkpoint'),
    });
    const progress = {
      epoch: 0,
      epochs: 1,
      examplesDone: 5,
      examplesTotal: 10,
      loss: 1,
      examplesPerSecond: 5,
    };
    worker.answer({ type: 'progress', call: 2, progress });
    worker.answer({
      type: 'checkpoint',
      call: 2,
      checkpoint: { epochsDone: 1, stepsDone: 1, parameters: new Float32Array(1), optimiserState: [] },
    });
    worker.answer({ type: 'trained', call: 2, result });
    worker.answer({ type: 'progress', call: 1, progress });
    worker.answer({ type: 'trained', call: 1, result });
    await Promise.all([first, second]);
    expect(seen).toEqual(['second', 'checkpoint', 'first']);
    const wants = worker.state.sent.flatMap((message) =>
      message.type === 'train' ? [message.wantsCheckpoints] : [],
    );
    expect(wants).toEqual([false, true]);
  });

  it('tells the worker of a portion that cannot be sent, so that nobody waits for it', async () => {
    const { worker, trainer } = await opened();
    const post = worker.channel.post;
    worker.channel.post = (message) => {
      if (message.type === 'portion') throw new DOMException('detached', 'DataCloneError');
      return post(message);
    };
    const { count, inputShape, labelsPerExample } = request.examples;
    const examples = {
      ...{ count, inputShape, labelsPerExample, portionSizes: [count] },
      read: async () => request.examples,
    };
    trainer.train({ ...request, examples }).catch(() => undefined);
    worker.answer({ type: 'portionWanted', call: 1, portion: 0 });
    await vi.waitFor(() =>
      expect(worker.state.sent.at(-1)).toMatchObject({ type: 'portionFailed', call: 1, portion: 0 }),
    );
    worker.crash('the end');
  });

  it('says with a portion how long it was read: the worker, deep in a batch, would hear of it late', async () => {
    const { worker, trainer } = await opened();
    const { count, inputShape, labelsPerExample } = request.examples;
    const examples = {
      ...{ count, inputShape, labelsPerExample, portionSizes: [count] },
      read: async () => request.examples,
    };
    trainer.train({ ...request, examples }).catch(() => undefined);
    worker.answer({ type: 'portionWanted', call: 1, portion: 0 });
    await vi.waitFor(() =>
      expect(worker.state.sent.at(-1)).toMatchObject({
        type: 'portion',
        examples: { count, readMs: expect.any(Number) },
      }),
    );
    worker.crash('the end');
  });

  it('is not listening to the signal of a call any more that could not be sent', async () => {
    const { worker, trainer } = await opened();
    const post = worker.channel.post;
    worker.channel.post = (message) => {
      if (message.type === 'train') throw new DOMException('detached', 'DataCloneError');
      return post(message);
    };
    const stop = new AbortController();
    await expect(trainer.train(request, { signal: stop.signal })).rejects.toThrow('detached');
    stop.abort();
    expect(worker.state.sent.map(({ type }) => type)).toEqual(['open']);
  });

  it('copies a base model to the worker once, and says with each call whether it belongs to it', async () => {
    const { worker, trainer } = await opened();
    const frozen = initialParameters(SOFTMAX, 'base');
    const other = initialParameters(SOFTMAX, 'another base');
    const { initial: parameters, model, examples } = request;
    const asked = { parameters, model, examples };
    const calls = [
      trainer.evaluate({ ...asked, frozen }),
      trainer.train({ ...request, frozen }),
      trainer.evaluate(asked),
      trainer.predict({ ...asked, frozen: other }),
    ];
    for (const call of calls) call.catch(() => undefined);
    const sent = worker.state.sent.slice(1);
    expect(sent.map((message) => ('request' in message ? message.request.onBase : message.type))).toEqual([
      ...['base', true, true, false, 'base', true],
    ]);
    for (const message of sent)
      if ('request' in message) expect(message.request).not.toHaveProperty('frozen');
    worker.crash('the end');
  });

  it('tells the backend that took over from a lost one, and has it as its own from then on', async () => {
    const worker = scriptedWorker();
    const onBackend = vi.fn();
    const opening = openRemoteTrainer(worker.channel, { model: SOFTMAX }, { onBackend });
    worker.answer({ type: 'opened', backend });
    const trainer = await opening;
    const next = { ...backend, name: 'plain' } as const;
    worker.answer({ type: 'backend', backend: next });
    expect(trainer.backend).toEqual(next);
    expect(onBackend).toHaveBeenCalledExactlyOnceWith(next);
  });

  it('gives the worker what self-tests found before, and takes what they find', async () => {
    const worker = scriptedWorker();
    const remember = vi.fn();
    const known = { wasm: { passed: true } } as const;
    const opening = openRemoteTrainer(worker.channel, { model: SOFTMAX }, { selfTests: { known, remember } });
    expect(worker.state.sent[0]).toMatchObject({ type: 'open', knownSelfTests: known });
    worker.answer({ type: 'selfTested', key: 'webgpu', outcome: { passed: true } });
    worker.answer({ type: 'opened', backend });
    await opening;
    expect(remember).toHaveBeenCalledExactlyOnceWith('webgpu', { passed: true });
  });

  it('sends the work limit with a training, and each change of it until the training ends', async () => {
    const { worker, trainer } = await opened();
    const workLimit = createWorkLimit(0.5);
    const training = trainer.train(request, { workLimit });
    workLimit.set(0.25);
    expect(worker.state.sent.slice(1)).toMatchObject([
      { type: 'train', call: 1, dutyCycle: 0.5 },
      { type: 'workLimit', call: 1, dutyCycle: 0.25 },
    ]);
    const result = { parameters: request.initial, examplesTrained: 10, meanLoss: 1, seconds: 1 };
    worker.answer({ type: 'trained', call: 1, result });
    await training;
    workLimit.set(1);
    expect(worker.state.sent).toHaveLength(3);
  });
});
