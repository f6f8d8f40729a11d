/** A coordinator in a process of its own, into which a test can look; and which must outlive whatever is done to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunId, RunState, RunSummary, TaskManifest } from '@tributary/fl-core';
import { type Admin, admin } from '../coordinator-process.ts';

const HOST = fileURLToPath(new URL('./hosted-coordinator.mjs', import.meta.url));

export interface HostOptions {
  readonly dataFolder: string | null;
  readonly port?: number;
  readonly socketsPerAddress?: number;
  readonly checkInTimeoutMs?: number;
  /** The page; that of the build, if there is one, without. */
  readonly clientFolder?: string;
}

export interface HostedRun {
  readonly runId: RunId;
  readonly ticket: string;
  readonly initialModel: RunSummary['modelHash'];
}

export interface HostedCoordinator {
  readonly url: string;
  readonly port: number;
  readonly operatorToken: string;
  readonly admin: Admin;
  createRun(manifest: TaskManifest): Promise<HostedRun>;
  state(runId: RunId): Promise<RunState>;
  runIds(): Promise<readonly RunId[]>;
  /** Open TCP connections, also those that no library knows of any more. */
  connections(): Promise<number>;
  /** After a forced collection. */
  heapBytes(): Promise<number>;
  /** Errors that nobody caught, and an end that nobody asked for. Empty is what every test wants. */
  accidents(): readonly string[];
  /** Rejects when the process ends and nobody asked for it: for whoever would wait for its answers. */
  readonly died: Promise<never>;
  killNine(): Promise<void>;
  stop(): Promise<void>;
}

export async function hostCoordinator(options: HostOptions, knownToken?: string): Promise<HostedCoordinator> {
  const settings = JSON.stringify({ logLevel: 'error', ...options });
  const child = fork(HOST, [settings], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const accidents: string[] = [];
  let isEnding = false;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-20_000);
  });
  child.on('message', (message: { uncaught?: string }) => {
    if (message.uncaught) accidents.push(message.uncaught);
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (!isEnding) accidents.push(`the process ended by itself (${code ?? signal}): ${stderr}`);
  });

  const died = ended.then(() =>
    isEnding ? new Promise<never>(() => {}) : Promise.reject(new Error(accidents[0])),
  );
  died.catch(() => {});

  const { url, port, operatorToken } = await ready(child, () => stderr);
  const token = operatorToken ?? knownToken!;
  const ask = questions(child);
  const end = async (how: () => unknown) => {
    isEnding = true;
    how();
    await ended;
  };

  return {
    url,
    port,
    operatorToken: token,
    admin: admin(url, token),
    async createRun(manifest) {
      const { runId, modelHash } = (await admin(url, token).post('runs', {
        manifest,
      })) as unknown as RunSummary;
      const { joinUrl } = (await admin(url, token).post(`runs/${runId}/invites`, {})) as { joinUrl: string };
      return { runId, ticket: joinUrl.split('#ticket=')[1]!, initialModel: modelHash };
    },
    state: (runId) => ask('state', { runId }) as Promise<RunState>,
    runIds: () => ask('runs') as Promise<RunId[]>,
    connections: () => ask('connections') as Promise<number>,
    heapBytes: () => ask('heapBytes') as Promise<number>,
    died,
    accidents: () => [...accidents, ...(stderr.includes('"level":60') ? [`a run halted: ${stderr}`] : [])],
    killNine: () => end(() => child.kill('SIGKILL')),
    stop: () => end(() => void ask('stop').catch(() => {})),
  };
}

interface Ready {
  readonly url: string;
  readonly port: number;
  readonly operatorToken: string | null;
}

function ready(child: ChildProcess, stderr: () => string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the coordinator ended with ${code}: ${stderr()}`)));
    child.on('message', (message: { ready?: Ready }) => {
      if (message.ready) resolve(message.ready);
    });
  });
}

function questions(child: ChildProcess): (question: string, details?: object) => Promise<unknown> {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (message: { id?: number; answer?: unknown; failure?: string }) => {
    if (message.id === undefined) return;
    const asker = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.failure) asker?.reject(new Error(message.failure));
    else asker?.resolve(message.answer);
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the coordinator has ended'));
  });
  return (question, details = {}) => {
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.send({ id, question, ...details });
    });
  };
}
