/**
 * How many bodies are read at once: the memory for what is on its way to disk does not grow with the cohort, and the
 * bytes of the others wait in their senders. Whoever has sat for long gives way when somebody waits, so that slow
 * senders hold up nobody.
 */
export interface ReadingSeats {
  /** In the order of asking. */
  take(): Promise<Seat>;
}

export interface Seat {
  /** Resolves when it is somebody else's turn: release the seat, and take another. */
  readonly givesWay: Promise<'give-way'>;
  release(): void;
}

export function openReadingSeats({ seats, sliceMs }: { seats: number; sliceMs: number }): ReadingSeats {
  const waiting: (() => void)[] = [];
  /** Asks whoever has sat for longer than a slice to give way; longest first. */
  const overdue = new Set<() => void>();
  let free = seats;

  const goOn = (): void => {
    while (free > 0 && waiting.length > 0) {
      free -= 1;
      waiting.shift()!();
    }
    for (const ask of [...overdue].slice(0, waiting.length)) {
      overdue.delete(ask);
      ask();
    }
  };
  const sit = (): Seat => {
    let ask: () => void = () => {};
    const givesWay = new Promise<'give-way'>((resolve) => {
      ask = () => resolve('give-way');
    });
    const timer = setTimeout(() => {
      overdue.add(ask);
      goOn();
    }, sliceMs);
    let isReleased = false;
    return {
      givesWay,
      release() {
        if (isReleased) return;
        isReleased = true;
        clearTimeout(timer);
        overdue.delete(ask);
        free += 1;
        goOn();
      },
    };
  };
  return {
    take() {
      return new Promise((resolve) => {
        waiting.push(() => resolve(sit()));
        goOn();
      });
    },
  };
}
