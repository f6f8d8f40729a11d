/** The wall clock, held back from ever running backwards: rules compare instants. */
import { type Instant, instant } from '@tributary/fl-core';

export type Clock = () => Instant;

/** @param wall milliseconds since the Unix epoch; @param elapsed milliseconds since any moment, never set */
export function steadyClock(wall = Date.now, elapsed = () => performance.now()): Clock {
  let latest = wall();
  let readAt = elapsed();
  return () => {
    const now = elapsed();
    // After the wall clock was set back, time goes on all the same: deadlines must not wait until it has caught up.
    latest = Math.max(latest + now - readAt, wall());
    readAt = now;
    return instant(Math.floor(latest));
  };
}
