/** Where threads beside the training one come from: each place where a trainer runs has its own way. */
import type { Thread } from './threaded-engine.ts';

const MOST_THREADS = 4;

export interface ThreadSource {
  /** How many threads, with the one that asks, may train unless the caller says how many. */
  readonly most: number;
  start(): Thread;
}

/** One core stays with the page, where there are more than two. */
export function threadsForCores(cores: number): number {
  return Math.min(MOST_THREADS, cores > 2 ? cores - 1 : cores);
}
