/** What a thousand connections cost that only take up room, how long they stay, and what an honest participant notices. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchmarkOptions } from '../benchmark.ts';
import { figure } from '../fastest.ts';
import { type LoadedCoordinator, startLoadedCoordinator } from './coordinator.ts';
import { gatherCrowd, WAITING_TASK } from './crowd.ts';
import { hostilityOf, openHostileConnection } from './hostile-connection.ts';
import type { LoadRow } from './load-row.ts';

const LIMITS = { growthBytes: 64 * 2 ** 20, goneSeconds: 20 };
const ADDRESSES = 8;
const WATCH_EVERY_MS = 100;
const GIVE_UP_SECONDS = 60;

export async function measureHostile({ quick }: BenchmarkOptions): Promise<LoadRow> {
  const connections = quick ? 150 : 1000;
  const coordinator = await startLoadedCoordinator(WAITING_TASK);
  // Warms it up: what the first participants cost is no growth by hostility.
  const honest = await gatherCrowd(coordinator, 50);
  try {
    await pause(1000);
    const watch = await watchProcess(coordinator);
    const started = performance.now();
    const hostile = await Promise.all(
      Array.from({ length: connections }, (_, i) =>
        openHostileConnection(hostilityOf(i), {
          port: coordinator.port,
          localAddress: `127.0.200.${1 + (i % ADDRESSES)}`,
        }),
      ),
    );
    const opened = performance.now();
    const slowestJoinSeconds = await joinUntilGone(coordinator, watch);
    const goneSeconds = (performance.now() - opened) / 1000;
    const { growthBytes } = watch.end();
    for (const connection of hostile) connection.close();
    return {
      scenario: 'hostile',
      clients: connections,
      seconds: figure(goneSeconds),
      secondsLimit: LIMITS.goneSeconds,
      openingSeconds: figure((opened - started) / 1000),
      growthBytes,
      growthBytesLimit: LIMITS.growthBytes,
      slowestHonestJoinSeconds: figure(slowestJoinSeconds),
      isWithin: goneSeconds <= LIMITS.goneSeconds && growthBytes <= LIMITS.growthBytes,
    };
  } finally {
    for (const participant of honest) participant.close();
    await coordinator.stop();
  }
}

/** @returns the longest that an honest newcomer waited for its admission meanwhile */
async function joinUntilGone(coordinator: LoadedCoordinator, watch: ProcessWatch): Promise<number> {
  const started = performance.now();
  let slowest = 0;
  while (!(await watch.isAsBefore())) {
    if (performance.now() - started > GIVE_UP_SECONDS * 1000) break;
    const asked = performance.now();
    const [newcomer] = await gatherCrowd(coordinator, 1);
    slowest = Math.max(slowest, (performance.now() - asked) / 1000);
    newcomer!.close();
    await pause(WATCH_EVERY_MS);
  }
  return slowest;
}

interface ProcessWatch {
  /** It holds no more connections than when the watch began. */
  isAsBefore(): Promise<boolean>;
  end(): { readonly growthBytes: number };
}

/** As the system sees it: a connection that is closed on one side only still counts. */
async function watchProcess({ pid }: LoadedCoordinator): Promise<ProcessWatch> {
  const handles = async (): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length;
  const memory = async (): Promise<number> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  };
  const handlesBefore = await handles();
  const memoryBefore = await memory();
  let most = memoryBefore;
  const timer = setInterval(() => {
    void memory().then((now) => {
      most = Math.max(most, now);
    });
  }, WATCH_EVERY_MS);
  return {
    isAsBefore: async () => (await handles()) <= handlesBefore,
    end() {
      clearInterval(timer);
      return { growthBytes: most - memoryBefore };
    },
  };
}
