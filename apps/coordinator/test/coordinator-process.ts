/** The real coordinator as a process of its own, so that it can be killed. Runs the build in `dist/`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type RunDetail, runDetailSchema } from '@tributary/fl-core';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface CoordinatorProcess {
  readonly url: string;
  readonly port: number;
  /** At the first start only. */
  readonly operatorToken: string | null;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** SIGKILL: nothing is flushed, nothing is closed. */
  killNine(): void;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export async function startProcess(
  dataFolder: string,
  port = 0,
  { preload = [], env = {} }: { preload?: readonly string[]; env?: Record<string, string> } = {},
): Promise<CoordinatorProcess> {
  const child = spawn(
    process.execPath,
    [
      ...preload.flatMap((module) => ['--require', module]),
      MAIN,
      'serve',
      ...['--data', dataFolder, '--port', String(port), '--json', '--log-level', 'trace'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  const ended = once(child, 'exit');
  const output = collect(child);
  const ready = await readyMessage(child, output);
  return {
    ...ready,
    output,
    ended,
    killNine: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

async function readyMessage(
  child: ChildProcess,
  output: () => string,
): Promise<{ url: string; port: number; operatorToken: string | null }> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the coordinator ended with ${code}: ${output()}`)));
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text));
    });
  });
}

export interface Admin {
  post(path: string, body?: unknown): Promise<Record<string, unknown>>;
  run(runId: string): Promise<RunDetail>;
}

export function admin(url: string, token: string): Admin {
  const call = async (path: string, init: RequestInit = {}): Promise<Record<string, unknown>> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(init.body && { 'content-type': 'application/json' }),
    };
    const response = await fetch(`${url}/v1/admin/${path}`, { ...init, headers });
    const body = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    post: (path, body) =>
      call(path, { method: 'POST', ...(body !== undefined && { body: JSON.stringify(body) }) }),
    run: async (runId) => runDetailSchema.parse(await call(`runs/${runId}`)),
  };
}
