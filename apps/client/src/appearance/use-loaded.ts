import { useCallback, useEffect, useState } from 'react';

interface Loaded<T> {
  readonly data: T | null;
  readonly error: Error | null;
  /** Asks once more. */
  retry(): void;
}

/**
 * What is loaded once for a page. It is not called again when `load` changes, only by `retry` and, while it fails,
 * after as many milliseconds as `againAfter` says (the first attempt is number 0).
 */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  againAfter: (error: Error, attempt: number) => number | null = () => null,
): Loaded<T> {
  const [attempt, setAttempt] = useState(0);
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once per attempt, as the comment above says
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    load(stop.signal).then(
      (loaded) => {
        if (stop.signal.aborted) return;
        setData(() => loaded);
        setError(null);
      },
      (failure: unknown) => {
        if (stop.signal.aborted) return;
        const named = failure instanceof Error ? failure : new Error(String(failure));
        setError(named);
        const wait = againAfter(named, attempt);
        if (wait !== null) timer = setTimeout(retry, wait);
      },
    );
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [attempt]);

  return { data, error, retry };
}
