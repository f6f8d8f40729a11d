/** Training and evaluation without an event loop: what the simulator calls thousands of times. */
import type { EvaluateRequest, Evaluation, TrainRequest } from '@tributary/fl-core';
import type { EngineKind } from '../network/engine-kind.ts';
import type { MemoryBudget } from './engine-choice.ts';
import { lendEngines } from './engine-lending.ts';
import { evaluationSteps } from './evaluation-steps.ts';
import type { Steps } from './pause.ts';
import { threadEngines } from './thread-engines.ts';
import { type Checkpointing, type EngineRoom, type TrainOutcome, trainingSteps } from './training-steps.ts';

export interface SyncOptions extends MemoryBudget {
  /** One that runs on the calling thread; the best one by default. */
  readonly kind?: EngineKind;
}

/** Trains to the end on the calling thread. @throws TributaryError as `Trainer.train` does */
export function trainSync(request: TrainRequest, options: SyncOptions & Checkpointing = {}): TrainOutcome {
  return toTheEnd(options, (room) => trainingSteps(request, room, options));
}

/** @throws TributaryError `model-unsupported`, `data-invalid` */
export function evaluateSync(request: EvaluateRequest, options: SyncOptions = {}): Evaluation {
  return toTheEnd(options, (room) => evaluationSteps(request, room));
}

function toTheEnd<Outcome>(
  { kind = threadEngines(), ...budget }: SyncOptions,
  begin: (room: EngineRoom) => Steps<Outcome>,
): Outcome {
  const engines = lendEngines(kind);
  let end: 'keep' | 'dispose' = 'dispose';
  try {
    const steps = begin({ kind, engines, ...budget });
    for (;;) {
      const next = steps.next();
      if (next.done) {
        end = 'keep';
        return next.value;
      }
      if (next.value.kind === 'waiting' || next.value.kind === 'reading')
        throw new Error(`${kind.name} answers later: it needs an event loop`);
    }
  } finally {
    engines.end(end);
  }
}
