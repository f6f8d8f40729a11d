/** Makes all runs, two at a time, in processes of their own; what a file of results has already is not made again. */
import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { BenchmarkOptions } from '../benchmark.ts';
import { type RunFigures, type RunRequest, runKey } from './one-run.ts';

export interface NamedRun {
  /** For the person who waits. */
  readonly name: string;
  readonly request: RunRequest;
}

type Reply = { readonly figures: RunFigures } | { readonly error: string };

export interface AllRuns {
  of(request: RunRequest): RunFigures;
}

export async function runAll(
  runs: readonly NamedRun[],
  { results }: Pick<BenchmarkOptions, 'results'>,
): Promise<AllRuns> {
  const figures = readResults(results);
  const missing = runs.filter(({ request }) => !figures.has(runKey(request)));
  const started = performance.now();
  let finished = 0;
  const takeTurns = async (): Promise<void> => {
    const child = fork(new URL('./run-process.js', import.meta.url));
    try {
      for (let run = missing.shift(); run; run = missing.shift()) {
        const made = await ask(child, run.request);
        const key = runKey(run.request);
        figures.set(key, made);
        if (results !== undefined) {
          appendFileSync(results, `${JSON.stringify({ key, name: run.name, figures: made })}\n`);
        }
        finished += 1;
        const elapsed = Math.round((performance.now() - started) / 1000);
        const last = made.accuracy.at(-1) ?? Number.NaN;
        say(`${run.name}: ${(100 * last).toFixed(2)} % in ${made.seconds.toFixed(0)} s`);
        say(`  ${finished} runs in ${elapsed} s, ${missing.length} more wait`);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism(), missing.length) }, takeTurns));
  return {
    of(request) {
      const made = figures.get(runKey(request));
      if (!made) throw new Error('this run was not asked for');
      return made;
    },
  };
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A line that was cut off by a crash is made again. */
function readResults(file: string | undefined): Map<string, RunFigures> {
  const figures = new Map<string, RunFigures>();
  if (file === undefined || !existsSync(file)) return figures;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const { key, figures: made } = JSON.parse(line) as { key: string; figures: RunFigures };
    figures.set(key, made);
  }
  return figures;
}

/** One at a time. */
function ask(child: ChildProcess, request: RunRequest): Promise<RunFigures> {
  return new Promise((resolve, reject) => {
    const settle = (reply: Reply) => {
      child.off('message', settle).off('exit', onExit);
      if ('error' in reply) reject(new Error(reply.error));
      else resolve(reply.figures);
    };
    const onExit = () => settle({ error: 'the process of the runs ended' });
    child.on('message', settle).on('exit', onExit);
    child.send(request);
  });
}
