/** `/admin`: logs in, then shows the list of runs, one run, or the form for a new one, by the address's fragment. */
import { Text } from '@mantine/core';
import { useHash } from '@mantine/hooks';
import { QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { errorCodeOf } from '@tributary/fl-core';
import { useEffect, useState } from 'react';
import { fetchSession, logIn } from '../api/admin.ts';
import { createQueries } from '../api/queries.ts';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { PageFrame } from '../appearance/page-frame.tsx';
import { words } from '../messages/index.ts';
import { LoginForm } from './login-form.tsx';
import { NewRunPage } from './new-run-page.tsx';
import { Problem } from './problem.tsx';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { takeTokenFromAddress, viewOf } from './view.ts';

const queries = createQueries();

export default function DashboardPage() {
  return (
    <QueryClientProvider client={queries}>
      <PageFrame size={1240} aside={<Text className="quiet">{words.admin.title}</Text>}>
        <Guarded />
      </PageFrame>
    </QueryClientProvider>
  );
}

function Guarded() {
  // Taken once, before the first question, and gone from address and history at once.
  const [token] = useState(takeTokenFromAddress);
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => (token ? logIn(token).catch(() => fetchSession(signal)) : fetchSession(signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(
    () =>
      // Any question may find out that the session is over; the log-in form then takes the page's place.
      queries.getQueryCache().subscribe(({ query }) => {
        if (query.queryKey[0] === 'session' || errorCodeOf(query.state.error) !== 'unauthorised') return;
        if (queries.getQueryData(['session'])) void queries.resetQueries({ queryKey: ['session'] });
      }),
    [queries],
  );

  if (session.data) return <Views />;
  if (!session.error) return <LoadingPage />;
  if (errorCodeOf(session.error) === 'unauthorised') {
    return (
      <LoginForm
        onLoggedIn={(opened) => queries.setQueryData(['session'], opened)}
        tokenRefused={token !== null}
      />
    );
  }
  return <Problem error={session.error} retry={() => void session.refetch()} />;
}

function Views() {
  const [hash] = useHash();
  const view = viewOf(hash);
  switch (view.page) {
    case 'runs':
      return <RunsPage />;
    case 'new':
      return <NewRunPage />;
    case 'run':
      return <RunPage key={view.runId} runId={view.runId} />;
  }
}
