/** Timers for `wakeAt`: one per instant, and never early. */
import type { Instant } from '@tributary/fl-core';
import type { Clock } from './clock.ts';

export interface Alarms {
  set(at: Instant): void;
  clear(): void;
}

export function alarms(clock: Clock, ring: () => void): Alarms {
  const timers = new Map<Instant, NodeJS.Timeout>();
  const arm = (at: Instant): void => {
    timers.set(
      at,
      setTimeout(
        () => {
          timers.delete(at);
          // Node may fire a millisecond early; the rules would then ask for no second alarm.
          if (clock() < at) arm(at);
          else ring();
        },
        Math.max(0, at - clock()),
      ),
    );
  };
  return {
    set(at) {
      if (!timers.has(at)) arm(at);
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
