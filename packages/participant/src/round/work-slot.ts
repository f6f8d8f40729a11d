/** At most one piece of slow work at a time: the machine's phase names it, and ends it by moving on. */
export interface WorkSlot {
  /** Replaces what was running. `work` reports through its own callbacks; after an abort its outcome is dropped. */
  begin<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>>;
  /** Aborts the work unless it has this name. */
  keepOnly(name: string): void;
  stop(): void;
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Aborted; whatever it answers or throws later is of no interest. */
  | { readonly kind: 'stopped' };

export function createWorkSlot(): WorkSlot {
  let current: { readonly name: string; readonly controller: AbortController } | null = null;

  function stop(): void {
    current?.controller.abort();
    current = null;
  }

  return {
    stop,
    keepOnly(name) {
      if (current && current.name !== name) stop();
    },
    async begin(name, work) {
      stop();
      const mine = { name, controller: new AbortController() };
      current = mine;
      const { signal } = mine.controller;
      try {
        const value = await work(signal);
        return signal.aborted ? { kind: 'stopped' } : { kind: 'done', value };
      } catch (error) {
        return signal.aborted ? { kind: 'stopped' } : { kind: 'failed', error };
      } finally {
        if (current === mine) current = null;
      }
    },
  };
}
