/** The worker's side: opens one trainer and serves calls to it. */
import {
  type AnyTrainRequest,
  type BackendReport,
  type ParameterSet,
  type StopSignal,
  type Trainer,
  type TrainingCheckpoint,
  TributaryError,
} from '@tributary/fl-core';
import type { LocalTrainerPorts } from '../backends/trainer-ports.ts';
import { createTrainer } from '../create-trainer.ts';
import type { ThreadDuty } from '../wasm-threads/thread.ts';
import type { ThreadSource } from '../wasm-threads/thread-source.ts';
import { type AdjustableWorkLimit, createWorkLimit } from '../work-limit.ts';
import { type CallId, type MessageFromWorker, type MessageToWorker, wireError } from './messages.ts';
import { createPortionRequests } from './portion-requests.ts';

export type PostToCaller = (message: MessageFromWorker, transfer: ArrayBuffer[]) => void;

/** Returns what to do with each message; `post` may take over the buffers that it is told to transfer. */
export function serveTrainer(
  post: PostToCaller,
  threads: ThreadSource | null = null,
): (message: MessageToWorker) => void {
  let trainer: Promise<Trainer> = Promise.reject(new TributaryError('internal', 'no trainer was opened'));
  trainer.catch(() => undefined);
  const running = new Map<CallId, AbortController>();
  const workLimits = new Map<CallId, AdjustableWorkLimit>();
  let base: ParameterSet | undefined;
  let reported: BackendReport | undefined;
  /** To be asked when the message comes: a later one may bring another base. */
  const whole = <Request extends { readonly onBase: boolean }>({ onBase, ...request }: Request) => ({
    ...request,
    ...(onBase && base ? { frozen: base } : {}),
  });

  const portions = createPortionRequests((call, portion) =>
    post({ type: 'portionWanted', call, portion }, []),
  );

  const trainRequest = ({ call, request }: Extract<MessageToWorker, { type: 'train' }>): AnyTrainRequest => {
    const { examples, ...rest } = whole(request);
    if (!('portionSizes' in examples)) return { ...rest, examples };
    // A stream is read through the caller.
    return { ...rest, examples: { ...examples, read: (portion) => portions.ask(call, portion) } };
  };

  const perform = async (call: CallId, work: (signal: StopSignal) => Promise<void>): Promise<void> => {
    const stop = new AbortController();
    running.set(call, stop);
    try {
      await work(stop.signal);
    } catch (error) {
      post({ type: 'failed', call, error: wireError(error) }, []);
    } finally {
      running.delete(call);
      workLimits.delete(call);
      portions.forget(call);
    }
  };

  const tellBackend = (backend: BackendReport): void => {
    reported = backend;
    post({ type: 'backend', backend }, []);
  };

  const open = async (message: Extract<MessageToWorker, { type: 'open' }>): Promise<void> => {
    const { options, knownSelfTests } = message;
    const ports: LocalTrainerPorts = {
      onBackend: tellBackend,
      ...(threads && { threads }),
      ...(knownSelfTests && {
        selfTests: {
          known: knownSelfTests,
          remember: (key, outcome) => post({ type: 'selfTested', key, outcome }, []),
        },
      }),
    };
    trainer = createTrainer(options, ports);
    try {
      reported = (await trainer).backend;
      post({ type: 'opened', backend: reported }, []);
    } catch (error) {
      post({ type: 'openFailed', error: wireError(error) }, []);
    }
  };

  const train = (message: Extract<MessageToWorker, { type: 'train' }>): Promise<void> =>
    perform(message.call, async (signal) => {
      const { call, wantsCheckpoints, checkpointEveryMs, dutyCycle } = message;
      const workLimit = createWorkLimit(dutyCycle);
      workLimits.set(call, workLimit);
      const request = trainRequest(message);
      const onCheckpoint = (checkpoint: TrainingCheckpoint): void =>
        post({ type: 'checkpoint', call, checkpoint }, buffersOf(checkpoint));
      const opened = await trainer;
      const result = await opened.train(request, {
        signal,
        workLimit,
        onProgress: (progress) => post({ type: 'progress', call, progress }, []),
        ...(wantsCheckpoints ? { onCheckpoint, checkpointEveryMs } : {}),
      });
      // Whoever asked reads the report when the answer is there, so it goes first.
      if (opened.backend.adapter !== reported?.adapter) tellBackend(opened.backend);
      post({ type: 'trained', call, result }, [result.parameters.values.buffer as ArrayBuffer]);
    });

  const evaluate = (message: Extract<MessageToWorker, { type: 'evaluate' }>): Promise<void> =>
    perform(message.call, async (signal) => {
      const request = whole(message.request);
      const evaluation = await (await trainer).evaluate(request, { signal });
      post({ type: 'evaluated', call: message.call, evaluation }, []);
    });

  const predict = (message: Extract<MessageToWorker, { type: 'predict' }>): Promise<void> =>
    perform(message.call, async (signal) => {
      const request = whole(message.request);
      const predictions = await (await trainer).predict(request, { signal });
      const { predicted, probabilities } = predictions;
      post({ type: 'predicted', call: message.call, predictions }, [
        predicted.buffer as ArrayBuffer,
        probabilities.buffer as ArrayBuffer,
      ]);
    });

  return (message) => {
    switch (message.type) {
      case 'open':
        void open(message);
        return;
      case 'base':
        base = message.frozen;
        return;
      case 'train':
        void train(message);
        return;
      case 'evaluate':
        void evaluate(message);
        return;
      case 'predict':
        void predict(message);
        return;
      case 'portion':
      case 'portionFailed':
        portions.answer(message);
        return;
      case 'workLimit':
        workLimits.get(message.call)?.set(message.dutyCycle);
        return;
      case 'beginThread':
        void beginThread(message.duty, post);
        return;
      case 'stop':
        running.get(message.call)?.abort();
        return;
    }
  };
}

/** Imported late: most workers never are a thread. */
async function beginThread(duty: ThreadDuty, post: PostToCaller): Promise<void> {
  const { runThread } = await import('../wasm-threads/thread.ts');
  runThread(duty, () => post({ type: 'threadReady' }, []));
}

function buffersOf(checkpoint: TrainingCheckpoint): ArrayBuffer[] {
  return [checkpoint.parameters, ...checkpoint.optimiserState].map((vector) => vector.buffer as ArrayBuffer);
}
