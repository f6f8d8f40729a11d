import { errorCodeOf } from '@tributary/fl-core';
import type { DataSetId, Rows, Vault } from '@tributary/participant';
import { useEffect, useState } from 'react';
import { words } from '../messages/index.ts';

interface ShownRows {
  /** Null before the first ones are there; the former page stays until the next one is. */
  readonly rows: Rows | null;
  readonly fault: string | null;
}

/** One page of rows, read again after each change. */
export function useRows(vault: Vault, id: DataSetId, from: number, count: number): ShownRows {
  const [shown, setShown] = useState<ShownRows>({ rows: null, fault: null });
  useEffect(() => {
    let isWanted = true;
    let reads = 0;
    const read = async () => {
      reads += 1;
      const thisRead = reads;
      try {
        const rows = await vault.rows(id, from, count);
        // What was read before the newest change is out of date.
        if (isWanted && thisRead === reads && rows.numbers.length > 0) setShown({ rows, fault: null });
      } catch (error) {
        const code = errorCodeOf(error);
        // It is about to vanish from the list.
        if (!isWanted || code === 'not-found') return;
        setShown({ rows: null, fault: words.errors[code] ?? words.data.importFailed });
      }
    };
    void read();
    const stop = vault.onChange(() => void read());
    return () => {
      isWanted = false;
      stop();
    };
  }, [vault, id, from, count]);
  return shown;
}
