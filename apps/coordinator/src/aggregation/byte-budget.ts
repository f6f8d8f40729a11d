/** A limit on bytes in use at once. Whoever wants more waits in turn; something larger than all of it goes alone. */
export interface ByteBudget {
  /** Resolves with the function that gives the bytes back. */
  take(bytes: number): Promise<() => void>;
}

export function byteBudget(limit: number): ByteBudget {
  const waiting: { readonly bytes: number; begin(): void }[] = [];
  let used = 0;
  const fits = (bytes: number): boolean => used === 0 || used + bytes <= limit;

  const beginNext = (): void => {
    while (waiting[0] && fits(waiting[0].bytes)) {
      const next = waiting.shift()!;
      used += next.bytes;
      next.begin();
    }
  };
  const give = (bytes: number) => {
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      used -= bytes;
      beginNext();
    };
  };
  return {
    take(bytes) {
      return new Promise((resolve) => {
        waiting.push({ bytes, begin: () => resolve(give(bytes)) });
        beginNext();
      });
    },
  };
}
