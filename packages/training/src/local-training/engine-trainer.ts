/** The `Trainer` port on an engine of our own. */
import type {
  AnyTrainRequest,
  BackendReport,
  StopSignal,
  Trainer,
  TrainOptions,
  WorkLimit,
} from '@tributary/fl-core';
import type { EngineKind } from '../network/engine-kind.ts';
import { createProgressMeter, type ProgressMeter } from '../progress-meter.ts';
import { SLICE_MS, systemPauses, throwIfStopped, unlessStopped, yieldToEvents } from '../stopping.ts';
import { createWorkRests, type Pauses } from '../work-rests.ts';
import type { MemoryBudget } from './engine-choice.ts';
import { disposeIdleEngines, lendEngines } from './engine-lending.ts';
import { evaluationSteps, predictionSteps } from './evaluation-steps.ts';
import type { Pause, Steps } from './pause.ts';
import { type EngineRoom, trainingSteps } from './training-steps.ts';

export interface EngineTrainerOptions extends MemoryBudget {
  readonly passedOver?: BackendReport['passedOver'];
  /** By which slices are cut and rests are kept; the machine's own by default. */
  readonly pauses?: Pauses;
}

/**
 * Trains every built-in model on the calling thread in slices of a tenth of a second; in a page, run it in a worker all
 * the same.
 */
export function createEngineTrainer(
  kind: EngineKind,
  { passedOver = [], pauses = systemPauses, ...budget }: EngineTrainerOptions = {},
): Trainer {
  let isDisposed = false;
  const drive = async <Outcome>(
    begin: (room: EngineRoom) => Steps<Outcome>,
    options: Omit<Slicing, 'pauses'>,
  ): Promise<Outcome> => {
    const engines = lendEngines(kind);
    let end: 'keep' | 'dispose' = 'dispose';
    try {
      const outcome = await inSlices(begin({ kind, engines, ...budget }), { ...options, pauses });
      if (!isDisposed) end = 'keep';
      return outcome;
    } finally {
      engines.end(end);
    }
  };
  return {
    get backend() {
      return {
        name: kind.name,
        adapter: kind.adapter,
        passedOver: [...passedOver, ...(kind.passedOver ?? [])],
      };
    },
    async train(request, options = {}) {
      const { signal, onProgress, workLimit } = options;
      const startedAt = performance.now();
      const meter = onProgress && meterFor(request, onProgress);
      const outcome = await drive((room) => trainingSteps(request, room, options), {
        signal,
        workLimit,
        onPause: (pause) => pause.kind === 'trained' && meter?.add(pause),
      });
      return { ...outcome, seconds: (performance.now() - startedAt) / 1000 };
    },
    evaluate: (request, { signal } = {}) => drive((room) => evaluationSteps(request, room), { signal }),
    predict: (request, { signal } = {}) => drive((room) => predictionSteps(request, room), { signal }),
    async dispose() {
      isDisposed = true;
      disposeIdleEngines(kind);
      kind.close();
    },
  };
}

function meterFor(
  { examples, training, resumeFrom }: AnyTrainRequest,
  onProgress: NonNullable<TrainOptions['onProgress']>,
): ProgressMeter {
  return createProgressMeter({
    epochs: training.epochs,
    epochsDone: resumeFrom?.epochsDone ?? 0,
    examplesPerEpoch: Math.min(examples.count, training.maximumExamples),
    onProgress,
  });
}

interface Slicing {
  readonly pauses: Pauses;
  readonly signal: StopSignal | undefined;
  readonly workLimit?: WorkLimit | undefined;
  readonly onPause?: (pause: Pause) => void;
}

/** Drives a generator to its end, resting after each slice: for the event loop, and for as long as the limit asks. */
async function inSlices<Outcome>(
  steps: Steps<Outcome>,
  { pauses, signal, workLimit, onPause }: Slicing,
): Promise<Outcome> {
  throwIfStopped(signal);
  const rests = createWorkRests(workLimit, signal, pauses);
  let restedAt = pauses.now();
  let answer: unknown;
  try {
    for (;;) {
      const next = steps.next(answer);
      if (next.done) return next.value;
      answer = undefined;
      if (next.value.kind === 'waiting') {
        answer = await next.value.settled;
        continue;
      }
      if (next.value.kind === 'reading') {
        const from = pauses.now();
        answer = await unlessStopped(next.value.settled, signal);
        // To wait for examples is no work.
        restedAt += pauses.now() - from;
        continue;
      }
      onPause?.(next.value);
      const busyMs = pauses.now() - restedAt;
      if (busyMs < SLICE_MS) continue;
      await yieldToEvents();
      await rests.restAfter(busyMs);
      throwIfStopped(signal);
      restedAt = pauses.now();
    }
  } catch (error) {
    // So that the training ends what it has begun; it throws the error again.
    steps.throw(error);
    throw error;
  }
}
