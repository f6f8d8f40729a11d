/** Reads the next things while the current one is used, one after another and never more than `depth` ahead. */

export interface ReadAhead<Result> {
  /** The next one in order; null after the last, and for what a stop left unread. A failed read rejects here, in its turn. */
  next(): Promise<Result | null>;
  /** Begins no further read. */
  stop(): void;
}

export function readAhead<Result>(
  count: number,
  read: (index: number) => Promise<Result>,
  depth: number,
): ReadAhead<Result> {
  const ready: Promise<Result | null>[] = [];
  let begun = 0;
  let reading: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  const fill = (): void => {
    while (!isStopped && begun < count && ready.length < depth) {
      const index = begun;
      begun += 1;
      const result = reading.then(() => (isStopped ? null : read(index)));
      // Whoever takes it hears of a failure; until then nobody does.
      reading = result.catch(() => undefined);
      ready.push(result);
    }
  };
  fill();

  return {
    async next() {
      const taken = ready.shift();
      fill();
      return taken === undefined ? null : await taken;
    },
    stop() {
      isStopped = true;
    },
  };
}
