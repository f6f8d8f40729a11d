/**
 * A trainer that outlives its backend. A device may be lost at any time (a driver update, another tab, a laptop that wakes
 * up): then the same backend is opened again, and training goes on from its last checkpoint; the epoch that it was in is
 * repeated. A backend that does not open again, or is lost twice within one call, is passed over for the next one.
 */
import {
  type BackendLoss,
  errorCodeOf,
  type PassedOverBackend,
  type StopSignal,
  type Trainer,
  type TrainingCheckpoint,
  TributaryError,
} from '@tributary/fl-core';
import type { Candidate } from './candidate.ts';
import type { TrainerPorts } from './trainer-ports.ts';

interface OpenBackend {
  /** Index among the candidates. */
  readonly at: number;
  readonly trainer: Trainer;
}

/** A backend that is lost costs at most so much work, and one epoch, when nobody else asks for checkpoints. */
const seldom = { checkpointEveryMs: 1000 };

/** @throws TributaryError `backend-unavailable` when no candidate opens; calls, when none is left */
export async function openResilientTrainer(
  candidates: readonly Candidate[],
  { onBackend }: Pick<TrainerPorts, 'onBackend'>,
): Promise<Trainer> {
  const passedOver: PassedOverBackend[] = [];
  const losses: BackendLoss[] = [];
  let isDisposed = false;
  let open = await openFrom(0);
  /** Of calls that run at once, the first one that hears of a loss replaces the backend for all. */
  let opening = Promise.resolve(open);

  async function openFrom(first: number): Promise<OpenBackend> {
    for (let at = first; at < candidates.length; at += 1) {
      const { name, open } = candidates[at];
      const opened = await open();
      if (opened.usable) return { at, trainer: opened.createTrainer([...passedOver]) };
      const { usable: _, ...why } = opened;
      passedOver.push({ name, ...why });
    }
    throw unavailable(passedOver);
  }

  async function replace(lost: OpenBackend, { reason, again }: { reason: string; again: boolean }) {
    await lost.trainer.dispose().catch(() => undefined);
    const { name } = candidates[lost.at];
    if (again) passedOver.push({ name, reason: `lost twice within one training: ${reason}` });
    open = await openFrom(again ? lost.at + 1 : lost.at);
    losses.push({ name, reason, outcome: open.at === lost.at ? 'reopened' : 'passed-over' });
    onBackend?.(report());
    return open;
  }

  async function outlive<Result>(
    work: (trainer: Trainer) => Promise<Result>,
    signal: StopSignal | undefined,
  ): Promise<Result> {
    let lostAt = -1;
    for (;;) {
      const used = opening;
      const backend = await used;
      try {
        return await work(backend.trainer);
      } catch (error) {
        if (!isLoss(error) || signal?.aborted || isDisposed) throw error;
        const again = lostAt === backend.at;
        lostAt = backend.at;
        if (opening !== used) continue;
        opening = replace(backend, { reason: (error as Error).message, again });
        // Whoever calls next hears of it, too.
        opening.catch(() => undefined);
      }
    }
  }

  const report = () => ({
    ...open.trainer.backend,
    ...(losses.length > 0 && { losses: [...losses] }),
  });

  return {
    get backend() {
      return report();
    },
    async train(request, options = {}) {
      const startedAt = performance.now();
      let { resumeFrom } = request;
      const onCheckpoint = (checkpoint: TrainingCheckpoint): void => {
        // The caller may give its buffers away.
        resumeFrom = options.onCheckpoint ? copyOf(checkpoint) : checkpoint;
        options.onCheckpoint?.(checkpoint);
      };
      const result = await outlive(
        (trainer) =>
          trainer.train(
            { ...request, ...(resumeFrom && { resumeFrom }) },
            { ...(!options.onCheckpoint && seldom), ...options, onCheckpoint },
          ),
        options.signal,
      );
      return { ...result, seconds: (performance.now() - startedAt) / 1000 };
    },
    evaluate: (request, options = {}) =>
      outlive((trainer) => trainer.evaluate(request, options), options.signal),
    predict: (request, options = {}) =>
      outlive((trainer) => trainer.predict(request, options), options.signal),
    async dispose() {
      isDisposed = true;
      const last = await opening.catch(() => null);
      await last?.trainer.dispose();
    },
  };
}

export function unavailable(passedOver: readonly PassedOverBackend[]): TributaryError {
  const reasons = passedOver.map(({ name, reason }) => `${name}: ${reason}`);
  return new TributaryError('backend-unavailable', reasons.join('; '));
}

/** Also of an engine in WebAssembly that trapped. */
function isLoss(error: unknown): boolean {
  if (errorCodeOf(error) === 'backend-unavailable') return true;
  return typeof WebAssembly !== 'undefined' && error instanceof WebAssembly.RuntimeError;
}

function copyOf({ parameters, optimiserState, ...rest }: TrainingCheckpoint): TrainingCheckpoint {
  return {
    ...rest,
    parameters: parameters.slice(),
    optimiserState: optimiserState.map((vector) => vector.slice()),
  };
}
