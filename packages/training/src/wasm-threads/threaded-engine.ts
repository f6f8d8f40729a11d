/**
 * The WebAssembly engine on several threads: each adds the gradient of its part of a batch, the coordinating thread adds
 * them up in their order, so that a number of threads always gives the same bits, and steps alone (decision 0016).
 */
import type { Engine, EngineSpec } from '../network/engine.ts';
import { instantiateKernels } from '../wasm/kernels.ts';
import type { AddGradient } from '../wasm/passes.ts';
import { engineIn } from '../wasm/wasm-engine.ts';
import { partsOf } from './batch-parts.ts';
import { type Errand, errandAt } from './errand.ts';
import { partExamples, putExamples } from './part-examples.ts';
import { PAGE_BYTES, type SharedPlan, type ThreadPlace } from './shared-plan.ts';
import type { ThreadDuty } from './thread.ts';

const START_PATIENCE_MS = 5000;
/** A thread is lost when it needs so much longer than the coordinating one for a part of the same size. */
const LEAST_PATIENCE_MS = 1000;
const PATIENCE_IN_PARTS = 10;

/** A worker that runs `runThread`. */
export interface Thread {
  begin(duty: ThreadDuty): void;
  onReady(listener: () => void): void;
  onCrash(listener: (reason: string) => void): void;
  terminate(): void;
}

export interface ThreadedEngineOptions {
  readonly module: WebAssembly.Module;
  readonly plan: SharedPlan;
  startThread(): Thread;
  /** From now on the coordinating thread trains alone: a thread died, or does not answer. */
  onLost(reason: string): void;
}

/** @throws Error when memory is short, or a thread does not start */
export async function createThreadedEngine(
  spec: EngineSpec,
  options: ThreadedEngineOptions,
): Promise<Engine> {
  const { module, plan } = options;
  const pages = plan.bytes / PAGE_BYTES;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const kernels = instantiateKernels({ module }, memory);
  const { network, clipping } = spec;
  const { parameters, partSize } = plan;
  const helpers: Helper[] = [];
  const endAll = (): void => {
    for (const { errand, thread } of helpers.splice(0)) {
      errand.end();
      thread.terminate();
    }
  };
  const lose = (reason: string): void => {
    if (helpers.length === 0) return;
    endAll();
    options.onLost(reason);
  };

  try {
    const starts = plan.threads.map((place) => {
      const thread = options.startThread();
      const examples = partExamples(memory, network, place, partSize);
      helpers.push({ thread, place, examples, errand: errandAt(memory, place.errand) });
      thread.begin({ module, memory, network, clipping, parameters, partSize, place });
      return started(thread);
    });
    await Promise.all(starts);
  } catch (error) {
    endAll();
    throw error;
  }
  for (const { thread } of helpers) thread.onCrash((reason) => lose(`a thread ended: ${reason}`));

  const unit = clipping?.microbatchSize ?? 1;
  const threads = plan.threads.length + 1;
  const gradient = plan.base + plan.plan.gradient;
  const gradientBytes = 4 * network.trainedSize;
  const spread =
    (alone: AddGradient): AddGradient =>
    (examples, indices, batchSize) => {
      if (helpers.length === 0) return alone(examples, indices, batchSize);
      const [own, ...others] = partsOf(batchSize, threads, unit).map(({ from, to }) =>
        indices.subarray(from, to),
      );
      const asked = helpers.map((helper, index): Asked => ({ helper, part: others[index] }));
      for (const { helper, part } of asked) {
        putExamples(examples, part, helper.examples);
        helper.errand.ask(part.length, batchSize);
      }
      const startedAt = performance.now();
      let loss = alone(examples, own, batchSize);
      const patienceMs = Math.max(LEAST_PATIENCE_MS, PATIENCE_IN_PARTS * (performance.now() - startedAt));
      for (const { helper, part } of asked) {
        const answer = helpers.includes(helper) ? helper.errand.answer(patienceMs) : null;
        if (answer === null) {
          lose('a thread does not answer');
          loss += alone(examples, part, batchSize);
        } else {
          const { base, plan: placed } = helper.place;
          kernels.addScaledAndClear(base + placed.gradient, 1, gradient, gradientBytes);
          loss += answer;
        }
      }
      return loss;
    };

  const engine = engineIn({ kernels, memory, base: plan.base }, spec, plan.plan, spread);
  return { ...engine, bytes: plan.bytes, dispose: endAll };
}

interface Helper {
  readonly thread: Thread;
  readonly place: ThreadPlace;
  readonly examples: ReturnType<typeof partExamples>;
  readonly errand: Errand;
}

interface Asked {
  readonly helper: Helper;
  readonly part: Int32Array;
}

function started(thread: Thread): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a thread does not start')), START_PATIENCE_MS);
    const settle = (end: () => void) => (): void => {
      clearTimeout(late);
      end();
    };
    thread.onReady(settle(resolve));
    thread.onCrash((reason) => settle(() => reject(new Error(`a thread does not start: ${reason}`)))());
  });
}
