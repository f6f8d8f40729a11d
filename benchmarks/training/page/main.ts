/** The page of the benchmark: hands questions to the workers, in which all training happens. */
import type { CannotTrain, ProgramFacts } from '../program.ts';
import { timeThreads } from './on-threads.ts';
import type {
  Answer,
  AnswerValue,
  BenchmarkPage,
  MemoryUse,
  Peaks,
  Question,
  UpdateTimes,
} from './protocol.ts';

const workers = new Map<number, Worker>();
let opened = 0;

const page: BenchmarkPage = {
  async open(program, workload) {
    const worker = startWorker();
    const problem = (await ask(worker, { kind: 'open', program, workload })) as CannotTrain | null;
    if (problem) {
      worker.terminate();
      return problem;
    }
    opened += 1;
    workers.set(opened, worker);
    return opened;
  },
  peaks: async (engine) => (await inFreshWorker({ kind: 'peaks', engine })) as Peaks,
  async update(model, turns) {
    let longestTaskMs = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
    });
    observer.observe({ entryTypes: ['longtask'] });
    const times = (await inFreshWorker({ kind: 'update', model, turns })) as UpdateTimes;
    observer.disconnect();
    return { ...times, longestTaskMs };
  },
  memory: async (engine, model, steps) =>
    (await inFreshWorker({ kind: 'memory', engine, model, steps })) as MemoryUse | null,
  threads: timeThreads,
  run: async (handle, steps) => (await ask(workers.get(handle)!, { kind: 'run', steps })) as number,
  async close(handle) {
    const worker = workers.get(handle)!;
    workers.delete(handle);
    const facts = (await ask(worker, { kind: 'close' })) as ProgramFacts;
    worker.terminate();
    return facts;
  },
};

function startWorker(): Worker {
  return new Worker(new URL('./program.worker.ts', import.meta.url), { type: 'module' });
}

async function inFreshWorker(question: Question): Promise<AnswerValue> {
  const worker = startWorker();
  try {
    return await ask(worker, question);
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, question: Question): Promise<AnswerValue> {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || 'the worker could not be loaded'));
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.ok === true) resolve(data.value);
      else if (data.ok === false) reject(new Error(data.message));
    };
    worker.postMessage(question);
  });
}

(globalThis as unknown as { benchmarkPage: BenchmarkPage }).benchmarkPage = page;
