/** The page of the benchmark: hands questions to the workers, in which all training happens. */
import type { CannotTrain, ProgramFacts } from '../program.ts';
import type { Answer, BenchmarkPage, Peaks, Question } from './protocol.ts';

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
  async peaks(engine) {
    const worker = startWorker();
    const peaks = (await ask(worker, { kind: 'peaks', engine })) as Peaks;
    worker.terminate();
    return peaks;
  },
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

function ask(worker: Worker, question: Question): Promise<Extract<Answer, { ok: true }>['value']> {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || 'the worker could not be loaded'));
    worker.onmessage = ({ data }: MessageEvent<Answer>) =>
      data.ok ? resolve(data.value) : reject(new Error(data.message));
    worker.postMessage(question);
  });
}

(globalThis as unknown as { benchmarkPage: BenchmarkPage }).benchmarkPage = page;
