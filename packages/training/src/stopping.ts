import { type StopSignal, TributaryError } from '@tributary/fl-core';

/** Work between two looks at the event loop: short enough to stop within a second, long enough to cost nothing. */
export const SLICE_MS = 100;

/** @throws TributaryError `training-stopped` */
export function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw stopped();
}

/**
 * What is awaited from outside may never come; a stop does not wait for it.
 * @throws TributaryError `training-stopped`
 */
export async function unlessStopped<Result>(
  awaited: Promise<Result>,
  signal: StopSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return awaited;
  let stop = (): void => {};
  const stopping = new Promise<never>((_, reject) => {
    stop = () => reject(stopped());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([awaited, stopping]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export function stopped(): TributaryError {
  return new TributaryError('training-stopped', 'training was stopped');
}

/**
 * Lets messages (a stop among them) arrive. Not by timers: browsers hold nested ones back by 4 ms, which is a twentieth
 * of a slice.
 */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else postTask(resolve);
  });
}

export const systemPauses = {
  now: () => performance.now(),
  sleep: (ms: number, wakenBy: (wake: () => void) => () => void): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        takeBack();
        resolve();
      };
      const timer = setTimeout(wake, ms);
      const takeBack = wakenBy(wake);
    }),
};

let channel: MessageChannel | undefined;
const tasks: (() => void)[] = [];

function postTask(task: () => void): void {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => tasks.shift()?.();
  }
  tasks.push(task);
  channel.port2.postMessage(null);
}
