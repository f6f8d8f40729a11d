import type { Instant } from '@tributary/fl-core';
import type { Clock } from './ports/clock.ts';

export interface WakeUps {
  at(instant: Instant): void;
  clear(): void;
}

/** Alarms at instants. Each rings once; an instant that has passed rings at once. */
export function createWakeUps(clock: Clock, ring: () => void): WakeUps {
  const alarms = new Map<Instant, () => void>();

  function arm(instant: Instant): void {
    const cancel = clock.after(Math.max(0, instant - clock.now()), () => {
      // A platform timer may fire a millisecond before its time by the clock; a rule that compares would miss it.
      if (clock.now() < instant) return arm(instant);
      alarms.delete(instant);
      ring();
    });
    alarms.set(instant, cancel);
  }

  return {
    at(instant) {
      if (!alarms.has(instant)) arm(instant);
    },
    clear() {
      for (const cancel of alarms.values()) cancel();
      alarms.clear();
    },
  };
}
