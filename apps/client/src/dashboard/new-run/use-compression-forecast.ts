import { type CompressionForecast, compressionForecast, errorCodeOf } from '@tributary/fl-core';
import { useEffect, useMemo, useState } from 'react';
import { compressionRequest } from './compression-request.ts';
import type { Draft } from './draft.ts';
import { inPieces } from './in-pieces.ts';

/** After the last key, before the work begins. */
const PAUSE_MS = 300;

/** `pending` while it is tried out; null while there is nothing to try out, or nothing comes of it: the check says why. */
export function useCompressionForecast(draft: Draft): CompressionForecast | 'pending' | null {
  const request = useMemo(() => compressionRequest(draft), [draft]);
  const key = JSON.stringify(request);
  const [found, setFound] = useState<{ key: string; forecast: CompressionForecast | null } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the request, and stays the same while it does.
  useEffect(() => {
    if (request === null) return;
    const stopping = new AbortController();
    const timer = setTimeout(() => {
      inPieces(compressionForecast(request), stopping.signal).then(
        (forecast) => setFound({ key, forecast }),
        (error: unknown) => {
          if (stopping.signal.aborted) return;
          setFound({ key, forecast: null });
          if (errorCodeOf(error) === 'internal') throw error;
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [key]);
  if (request === null) return null;
  return found?.key === key ? found.forecast : 'pending';
}
