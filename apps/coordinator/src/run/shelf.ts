/** Bytes that many ask for at once: each is read or made once, and given out without a copy. */
export interface Shelf<Name extends string> {
  /** @throws TributaryError what reading it throws */
  get(name: Name): Promise<Uint8Array>;
  /** Nobody may change these bytes any more. */
  put(name: Name, bytes: Uint8Array): void;
  has(name: Name): boolean;
}

/** @param mostBytes all that is kept together; the latest is kept however large it is */
export function openShelf<Name extends string>(
  read: (name: Name) => Promise<Uint8Array>,
  mostBytes: number,
): Shelf<Name> {
  /** Least recently used first. */
  const kept = new Map<Name, Uint8Array>();
  const reading = new Map<Name, Promise<Uint8Array>>();
  let bytes = 0;

  const keep = (name: Name, content: Uint8Array): void => {
    forget(name);
    kept.set(name, content);
    bytes += content.length;
    for (const oldest of kept.keys()) {
      if (bytes <= mostBytes || oldest === name) return;
      forget(oldest);
    }
  };
  const forget = (name: Name): void => {
    bytes -= kept.get(name)?.length ?? 0;
    kept.delete(name);
  };
  const readAndKeep = async (name: Name): Promise<Uint8Array> => {
    try {
      const content = await read(name);
      keep(name, content);
      return content;
    } finally {
      reading.delete(name);
    }
  };

  return {
    async get(name) {
      const content = kept.get(name);
      if (content) {
        keep(name, content);
        return content;
      }
      const underWay = reading.get(name) ?? readAndKeep(name);
      reading.set(name, underWay);
      return underWay;
    },
    put: keep,
    has: (name) => kept.has(name),
  };
}
