/** The caller's side: a `Trainer` whose work happens behind a channel. Loads no tfjs. */
import {
  type AnyTrainRequest,
  type BackendReport,
  type Evaluation,
  type ExampleSet,
  type ExampleStream,
  type ParameterSet,
  type Predictions,
  type StopSignal,
  type Trainer,
  type TrainOptions,
  type TrainResult,
  TributaryError,
} from '@tributary/fl-core';
import type { TrainerPorts } from '../backends/trainer-ports.ts';
import type { TrainerOptions } from '../create-trainer.ts';
import { stopped } from '../stopping.ts';
import { isStream } from '../streaming/is-stream.ts';
import type { WorkerChannel } from './channel.ts';
import {
  type CallId,
  type MessageFromWorker,
  type MessageToWorker,
  type SentTrainRequest,
  type Unfrozen,
  type WireError,
  wireError,
} from './messages.ts';

/**
 * A worker on a slow backend answers a stop only between two batches. After this long the caller is told that
 * training has stopped all the same; the worker drops the rest when its batch ends.
 */
const STOP_PATIENCE_MS = 800;

type Answer = 'trained' | 'evaluated' | 'predicted';

interface OpenCall {
  /** What the worker may ask portions of. */
  readonly stream?: ExampleStream;
  readonly settle: (message: Extract<MessageFromWorker, { type: Answer }>) => void;
  readonly fail: (error: TributaryError) => void;
  readonly options: TrainOptions;
}

interface CallOptions extends TrainOptions {
  readonly stream?: ExampleStream;
}

/** @throws TributaryError `backend-unavailable`, `model-unsupported`; the worker is then terminated */
export async function openRemoteTrainer(
  channel: WorkerChannel,
  options: TrainerOptions,
  ports: TrainerPorts = {},
): Promise<Trainer> {
  const calls = new Map<CallId, OpenCall>();
  let nextCall: CallId = 1;
  let ended: TributaryError | undefined;

  const endAll = (reason: TributaryError): void => {
    ended ??= reason;
    for (const call of calls.values()) call.fail(ended);
  };

  let backend = await openWorker(channel, options, ports, {
    onMessage(message) {
      if (message.type === 'portionWanted') sendPortion(message);
      else if (message.type === 'backend') changeBackend(message.backend);
      else dispatch(calls, message);
    },
    onCrash: endAll,
  });

  function changeBackend(changed: BackendReport): void {
    backend = changed;
    ports.onBackend?.(changed);
  }

  const perform = <Message extends Answer>(
    message: (call: CallId) => MessageToWorker,
    expected: Message,
    { stream, ...callOptions }: CallOptions,
  ): Promise<Extract<MessageFromWorker, { type: Message }>> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const { signal, workLimit } = callOptions;
      if (signal?.aborted) return reject(stopped());
      const call = nextCall;
      nextCall += 1;
      let patience: ReturnType<typeof setTimeout> | undefined;
      const stop = (): void => {
        channel.post({ type: 'stop', call });
        patience = setTimeout(() => calls.get(call)?.fail(stopped()), STOP_PATIENCE_MS);
      };
      const unlisten = workLimit?.onChange(() =>
        channel.post({ type: 'workLimit', call, dutyCycle: workLimit.dutyCycle }),
      );
      const close = (): void => {
        clearTimeout(patience);
        unlisten?.();
        signal?.removeEventListener('abort', stop);
        calls.delete(call);
      };
      calls.set(call, {
        options: callOptions,
        ...(stream && { stream }),
        settle(answer) {
          close();
          if (answer.type === expected) resolve(answer as Extract<MessageFromWorker, { type: Message }>);
          else reject(new TributaryError('internal', 'the training worker answered another question'));
        },
        fail(error) {
          close();
          reject(error);
        },
      });
      signal?.addEventListener('abort', stop, { once: true });
      try {
        channel.post(message(call));
      } catch (error) {
        close();
        throw error;
      }
    });

  function sendPortion({ call, portion }: Extract<MessageFromWorker, { type: 'portionWanted' }>): void {
    const startedAt = performance.now();
    calls
      .get(call)
      ?.stream?.read(portion)
      .then((read) => {
        const examples = { ...read, readMs: performance.now() - startedAt };
        channel.post({ type: 'portion', call, portion, examples }, buffersOf(examples));
      })
      .catch((error: unknown) =>
        channel.post({ type: 'portionFailed', call, portion, error: wireError(error) }),
      );
  }

  let base: ParameterSet | undefined;
  /** Base models are large and stay the same from call to call: each is copied to the worker once. */
  const unfrozen = <Request extends { readonly frozen?: ParameterSet }>({
    frozen,
    ...request
  }: Request): Unfrozen<Request> => {
    if (frozen !== undefined && frozen !== base) channel.post({ type: 'base', frozen });
    base = frozen ?? base;
    return { ...request, onBase: frozen !== undefined };
  };

  const sent = (request: AnyTrainRequest): SentTrainRequest => {
    const { examples } = request;
    if (!isStream(examples)) return unfrozen({ ...request, examples });
    const { read: _, ...outline } = examples;
    return unfrozen({ ...request, examples: outline });
  };

  return {
    get backend() {
      return backend;
    },
    async train(request, trainOptions = {}): Promise<TrainResult> {
      const wantsCheckpoints = trainOptions.onCheckpoint !== undefined;
      const message = (call: CallId): MessageToWorker => ({
        ...{ type: 'train', call, wantsCheckpoints },
        checkpointEveryMs: trainOptions.checkpointEveryMs ?? 0,
        dutyCycle: trainOptions.workLimit?.dutyCycle ?? 1,
        request: sent(request),
      });
      const stream = isStream(request.examples) ? { stream: request.examples } : {};
      return (await perform(message, 'trained', { ...trainOptions, ...stream })).result;
    },
    async evaluate(request, { signal }: { signal?: StopSignal } = {}): Promise<Evaluation> {
      const message = (call: CallId): MessageToWorker => ({
        type: 'evaluate',
        call,
        request: unfrozen(request),
      });
      return (await perform(message, 'evaluated', signal ? { signal } : {})).evaluation;
    },
    async predict(request, { signal }: { signal?: StopSignal } = {}): Promise<Predictions> {
      const message = (call: CallId): MessageToWorker => ({
        type: 'predict',
        call,
        request: unfrozen(request),
      });
      return (await perform(message, 'predicted', signal ? { signal } : {})).predictions;
    },
    async dispose() {
      endAll(stopped());
      await channel.terminate();
    },
  };
}

/** Sends `open` and waits for the answer; afterwards messages and a crash go to `listeners`. */
function openWorker(
  channel: WorkerChannel,
  options: TrainerOptions,
  { selfTests }: TrainerPorts,
  listeners: { onMessage(message: MessageFromWorker): void; onCrash(reason: TributaryError): void },
): Promise<BackendReport> {
  return new Promise((resolve, reject) => {
    const refuse = (error: TributaryError): void => {
      void channel.terminate();
      reject(error);
    };
    channel.onMessage((message) => {
      if (message.type === 'opened') resolve(message.backend);
      else if (message.type === 'openFailed') refuse(errorFrom(message.error));
      else if (message.type === 'selfTested') selfTests?.remember(message.key, message.outcome);
      else listeners.onMessage(message);
    });
    channel.onCrash((reason) => {
      const error = new TributaryError('backend-unavailable', `the training worker ended: ${reason}`);
      listeners.onCrash(error);
      refuse(error);
    });
    channel.post({ type: 'open', options, ...(selfTests && { knownSelfTests: selfTests.known }) });
  });
}

/** Answers to calls that were given up meanwhile find no call and are dropped. */
function dispatch(calls: ReadonlyMap<CallId, OpenCall>, message: MessageFromWorker): void {
  switch (message.type) {
    case 'progress':
      calls.get(message.call)?.options.onProgress?.(message.progress);
      return;
    case 'checkpoint':
      calls.get(message.call)?.options.onCheckpoint?.(message.checkpoint);
      return;
    case 'trained':
    case 'evaluated':
    case 'predicted':
      calls.get(message.call)?.settle(message);
      return;
    case 'failed':
      calls.get(message.call)?.fail(errorFrom(message.error));
      return;
    case 'opened':
    case 'openFailed':
    case 'selfTested':
    case 'backend':
    case 'threadReady':
    case 'portionWanted':
      return;
  }
}

/** A portion is in memory of its own, which nobody needs afterwards. */
function buffersOf({ inputs, labels }: ExampleSet): ArrayBuffer[] {
  return [inputs.buffer as ArrayBuffer, labels.buffer as ArrayBuffer];
}

function errorFrom({ code, message }: WireError): TributaryError {
  return new TributaryError(code, message);
}
