/** At most one connection brings the bytes of an upload: a newer one ends the older, and goes on where it stopped. */
import { TributaryError } from '@tributary/fl-core';

export interface OpenUploads {
  /** When a connection came, among all: to be taken at once, because what comes before `alone` may overtake. */
  turn(): number;
  /**
   * Ends the one that is open under this name, waits until it has let go, and takes its place for this work.
   * @throws TributaryError `upload-interrupted` when a newer one is there already
   */
  alone<T>(
    name: string,
    connection: { readonly turn: number; isOver(): boolean },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

export function openUploads(): OpenUploads {
  const open = new Map<string, { turn: number; ending: AbortController; done: Promise<void> }>();
  let turns = 0;
  return {
    turn() {
      turns += 1;
      return turns;
    },
    async alone(name, { turn, isOver }, work) {
      const earlier = open.get(name);
      if (isOver() || (earlier && earlier.turn > turn)) {
        throw new TributaryError('upload-interrupted', 'this connection brings nothing more');
      }
      const ending = new AbortController();
      let letGo: () => void = () => {};
      const done = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const entry = { turn, ending, done };
      open.set(name, entry);
      try {
        earlier?.ending.abort(
          new TributaryError('upload-interrupted', 'another connection goes on with this upload'),
        );
        await earlier?.done;
        ending.signal.throwIfAborted();
        return await work(ending.signal);
      } finally {
        letGo();
        if (open.get(name) === entry) open.delete(name);
      }
    },
  };
}
