import type { WorkLimit } from '@tributary/fl-core';

export interface AdjustableWorkLimit extends WorkLimit {
  set(dutyCycle: number): void;
}

/** @param dutyCycle in (0, 1]; what is not, is taken for its nearest neighbour: a hundredth, or 1 */
export function createWorkLimit(dutyCycle: number): AdjustableWorkLimit {
  let current = bounded(dutyCycle);
  const listeners = new Set<() => void>();
  return {
    get dutyCycle() {
      return current;
    },
    set(next) {
      current = bounded(next);
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const bounded = (dutyCycle: number): number => Math.min(1, Math.max(0.01, dutyCycle));
