import { keepPreviousData, useQuery } from '@tanstack/react-query';

/** Asks once a second while somebody looks; a hidden page asks nothing (react-query pauses then). */
const POLL_MS = 1000;
/** While the coordinator does not answer, it is asked less often. */
const POLL_FAILING_MS = 4000;

export function useLiveQuery<Answer>(
  key: readonly unknown[],
  fetchAnswer: (signal: AbortSignal) => Promise<Answer>,
) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => fetchAnswer(signal),
    refetchInterval: ({ state }) => (state.error ? POLL_FAILING_MS : POLL_MS),
    placeholderData: keepPreviousData,
  });
}
