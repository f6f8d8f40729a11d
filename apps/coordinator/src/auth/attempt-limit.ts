/** Slows guessing down: at most so many failures per address and minute. */
import { TributaryError } from '@tributary/fl-core';
import { holderOf } from '../network/seats.ts';

export interface AttemptLimit {
  /** @throws TributaryError `rate-limited` */
  check(address: string): void;
  failed(address: string): void;
}

export function attemptLimit({
  failures,
  windowMs,
  now = Date.now,
}: {
  failures: number;
  windowMs: number;
  now?: () => number;
}): AttemptLimit {
  const windows = new Map<string, { count: number; endsAt: number }>();
  let sweptAt = now();
  /** Not at each failure, which would cost the more the more there are. */
  const sweep = (): void => {
    if (now() - sweptAt < windowMs) return;
    sweptAt = now();
    for (const [holder, window] of windows) if (window.endsAt <= now()) windows.delete(holder);
  };
  const current = (holder: string) => {
    const window = windows.get(holder);
    return window && window.endsAt > now() ? window : undefined;
  };
  return {
    check(address) {
      if ((current(holderOf(address))?.count ?? 0) >= failures) {
        throw new TributaryError('rate-limited', 'too many failed attempts; wait a minute');
      }
    },
    failed(address) {
      sweep();
      const holder = holderOf(address);
      const window = current(holder) ?? { count: 0, endsAt: now() + windowMs };
      windows.set(holder, { ...window, count: window.count + 1 });
    },
  };
}
