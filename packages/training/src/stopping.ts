import { type StopSignal, TributaryError } from '@tributary/fl-core';

/** Work between two looks at the event loop: short enough to stop within a second, long enough to cost nothing. */
export const SLICE_MS = 100;

/** @throws TributaryError `training-stopped` */
export function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw stopped();
}

export function stopped(): TributaryError {
  return new TributaryError('training-stopped', 'training was stopped');
}

/** Lets messages (a stop among them) arrive. */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
