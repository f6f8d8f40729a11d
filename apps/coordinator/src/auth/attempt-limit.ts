/** Slows guessing down: at most so many failures per address and minute. */
import { TributaryError } from '@tributary/fl-core';

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
  const current = (address: string) => {
    const window = windows.get(address);
    return window && window.endsAt > now() ? window : undefined;
  };
  return {
    check(address) {
      if ((current(address)?.count ?? 0) >= failures) {
        throw new TributaryError('rate-limited', 'too many failed attempts; wait a minute');
      }
    },
    failed(address) {
      for (const [key, window] of windows) if (window.endsAt <= now()) windows.delete(key);
      const window = current(address) ?? { count: 0, endsAt: now() + windowMs };
      windows.set(address, { ...window, count: window.count + 1 });
    },
  };
}
