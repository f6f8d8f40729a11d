/** Virtual time: a queue of what is going to happen, in the order in which it happens. No clock, no timers. */
import { type Instant, instant } from '@tributary/fl-core';

type Happening = () => void | Promise<void>;

export interface VirtualTime {
  now(): Instant;
  /** Things scheduled for the same instant happen in the order of scheduling; the past becomes now. */
  schedule(at: Instant, happening: Happening): void;
  /** Takes the earliest happening, and moves time to it; undefined when nothing is left to happen. */
  next(): Happening | undefined;
}

interface Entry {
  readonly at: Instant;
  readonly order: number;
  readonly happening: Happening;
}

export function virtualTime(): VirtualTime {
  let now = instant(0);
  let scheduled = 0;
  const heap: Entry[] = [];
  return {
    now: () => now,
    schedule(at, happening) {
      heap.push({ at: at < now ? now : at, order: scheduled, happening });
      scheduled += 1;
      siftUp(heap);
    },
    next() {
      const first = heap[0];
      if (!first) return undefined;
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        siftDown(heap);
      }
      now = first.at;
      return first.happening;
    },
  };
}

function isEarlier(left: Entry, right: Entry): boolean {
  return left.at === right.at ? left.order < right.order : left.at < right.at;
}

function siftUp(heap: Entry[]): void {
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!isEarlier(heap[child]!, heap[parent]!)) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function siftDown(heap: Entry[]): void {
  let parent = 0;
  for (;;) {
    let earliest = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (child < heap.length && isEarlier(heap[child]!, heap[earliest]!)) earliest = child;
    }
    if (earliest === parent) return;
    swap(heap, parent, earliest);
    parent = earliest;
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const held = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = held;
}
