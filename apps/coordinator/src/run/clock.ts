/** The wall clock, held back from ever running backwards: rules compare instants. */
import { type Instant, instant } from '@tributary/fl-core';

export type Clock = () => Instant;

export function steadyClock(): Clock {
  let latest = 0;
  return () => {
    latest = Math.max(latest, Date.now());
    return instant(latest);
  };
}
