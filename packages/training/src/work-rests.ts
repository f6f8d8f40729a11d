/** Rests between slices of work, so that work over work and rest stays at a limit. */
import type { StopSignal, WorkLimit } from '@tributary/fl-core';
import { SLICE_MS, systemPauses } from './stopping.ts';

export interface Pauses {
  /** Milliseconds from any beginning. */
  now(): number;
  /** Resolves after this time, or as soon as `wakenBy` calls what it is given; `wakenBy` returns how to take it back. */
  sleep(ms: number, wakenBy: (wake: () => void) => () => void): Promise<void>;
}

export interface WorkRests {
  /** Returns at once without a limit. A stop or another limit ends or changes a rest that has begun. */
  restAfter(busyMs: number): Promise<void>;
}

export function createWorkRests(
  limit: WorkLimit | undefined,
  signal: StopSignal | undefined,
  pauses: Pauses = systemPauses,
): WorkRests {
  if (limit === undefined) return { restAfter: async () => {} };
  /** Timers wake late: so much was rested too long, and is taken off the next rest. */
  let credit = 0;

  const wakenBy = (wake: () => void): (() => void) => {
    const unlisten = limit.onChange(wake);
    signal?.addEventListener('abort', wake, { once: true });
    return () => {
      unlisten();
      signal?.removeEventListener('abort', wake);
    };
  };

  return {
    async restAfter(busyMs) {
      const from = pauses.now();
      const owed = (): number => {
        const rested = credit + pauses.now() - from;
        return busyMs * (1 / limit.dutyCycle - 1) - rested;
      };
      for (let ms = owed(); ms > 0 && !signal?.aborted; ms = owed()) await pauses.sleep(ms, wakenBy);
      // A night asleep is no reason to work all day.
      credit = limit.dutyCycle === 1 ? 0 : Math.min(Math.max(0, -owed()), SLICE_MS);
    },
  };
}
