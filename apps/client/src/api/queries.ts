import { QueryClient } from '@tanstack/react-query';

/**
 * How the dashboard asks. Also while the browser says that it is offline: a coordinator on this machine or in this
 * house answers without the internet, and one that does not answer is an error that the page explains.
 */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        refetchOnWindowFocus: true,
        refetchIntervalInBackground: false,
        retry: false,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
