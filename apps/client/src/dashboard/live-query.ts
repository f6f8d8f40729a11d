import { useQuery, useQueryClient } from '@tanstack/react-query';

/** Asks once a second while somebody looks; a hidden page asks nothing (react-query pauses then). */
const POLL_MS = 1000;
/** While the coordinator does not answer, it is asked less often. */
const POLL_FAILING_MS = 4000;

/** What was known last stays on the page while the coordinator does not answer. */
export function useLiveQuery<Answer>(
  key: readonly unknown[],
  fetchAnswer: (signal: AbortSignal, known: Answer | undefined) => Promise<Answer>,
) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => fetchAnswer(signal, queries.getQueryData<Answer>(key)),
    refetchInterval: ({ state }) => (state.error ? POLL_FAILING_MS : POLL_MS),
  });
}
