/** How fast this device's connection was, from the transfers that were made anyway. */
import type { Clock } from '../ports/clock.ts';

export interface LinkSpeed {
  /** Remembers how long these many bytes took. */
  time<T>(direction: 'down' | 'up', bytes: (outcome: T) => number, transfer: () => Promise<T>): Promise<T>;
  /** Of the last transfer up, or down, whichever was slower; null before any. */
  bytesPerSecond(): number | null;
}

export function openLinkSpeed(clock: Clock): LinkSpeed {
  const speeds = new Map<'down' | 'up', number>();
  return {
    async time(direction, bytes, transfer) {
      const began = clock.now();
      const outcome = await transfer();
      const seconds = Math.max(1, clock.now() - began) / 1000;
      speeds.set(direction, bytes(outcome) / seconds);
      return outcome;
    },
    bytesPerSecond: () => (speeds.size === 0 ? null : Math.min(...speeds.values())),
  };
}
