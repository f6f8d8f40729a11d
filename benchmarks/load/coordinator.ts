/** The built coordinator in a process of its own, with one run, and what the operating system says about that process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADMIN_PATH, type RunId, type TaskManifestInput } from '@tributary/fl-core';

const MAIN = fileURLToPath(new URL('../../../apps/coordinator/dist/main.js', import.meta.url));

export interface LoadedCoordinator {
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  readonly runId: RunId;
  readonly admissionTicket: string;
  run(): Promise<Record<string, unknown>>;
  /** Starts counting stalls and CPU time. */
  startMeasuring(): Promise<void>;
  measure(): Promise<Measurement>;
  stop(): Promise<void>;
}

export interface Measurement {
  /** Of the coordinator's process, all threads, since `startMeasuring`. */
  readonly cpuSeconds: number;
  /** Longest time in which its event loop did nothing else, as its own metrics say. */
  readonly stallSeconds: number;
  /** Resident memory of its process now. */
  readonly memoryBytes: number;
  /** The most that it ever had. */
  readonly peakBytes: number;
}

/** On a real disk: what is measured includes making updates durable. */
export async function startLoadedCoordinator(manifest: TaskManifestInput): Promise<LoadedCoordinator> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-load-'));
  const extra = process.env.TRIBUTARY_BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const child = spawn(
    process.execPath,
    [...extra, MAIN, 'serve', '--data', folder, '--port', '0', '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const { url, port, operatorToken } = await readyMessage(child.stdout);
  const admin = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}${ADMIN_PATH}/${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${operatorToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const { runId } = (await admin('runs', { manifest })) as { runId: RunId };
  const { joinUrl } = (await admin(`runs/${runId}/invites`, {})) as { joinUrl: string };
  await admin(`runs/${runId}/launch`, {});

  /** Reading the metrics starts the stalls anew. */
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  let cpuBefore = 0;
  return {
    pid: child.pid!,
    url,
    port,
    runId,
    admissionTicket: joinUrl.split('#ticket=')[1]!,
    run: () => admin(`runs/${runId}`),
    async startMeasuring() {
      await metric('nodejs_eventloop_lag_max_seconds');
      cpuBefore = await cpuSecondsOf(child.pid!);
    },
    async measure() {
      const cpuSeconds = (await cpuSecondsOf(child.pid!)) - cpuBefore;
      const memory = await memoryOf(child.pid!);
      return { cpuSeconds, ...memory, stallSeconds: await metric('nodejs_eventloop_lag_max_seconds') };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readyMessage(
  output: NodeJS.ReadableStream,
): Promise<{ url: string; port: number; operatorToken: string }> {
  let text = '';
  for await (const chunk of output.setEncoding('utf8')) {
    text += chunk;
    if (text.trimEnd().endsWith('}')) return JSON.parse(text);
  }
  throw new Error('the coordinator did not start');
}

/** `proc(5)`, fields 14 and 15, in ticks of 10 ms. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function memoryOf(pid: number): Promise<{ memoryBytes: number; peakBytes: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { memoryBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
}
