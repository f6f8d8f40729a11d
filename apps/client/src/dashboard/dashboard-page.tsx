/** `/admin`: logs in, then shows the view that the address's fragment names. */
import { useHash } from '@mantine/hooks';
import { QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { errorCodeOf } from '@tributary/fl-core';
import { lazy, Suspense, useEffect, useState } from 'react';
import { fetchSession, logIn } from '../api/admin.ts';
import { createQueries } from '../api/queries.ts';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { PageFrame } from '../appearance/page-frame.tsx';
import { DashboardNavigation } from './dashboard-navigation.tsx';
import './dashboard.css';
import { LoginForm } from './login-form.tsx';
import { OperatorContext } from './operator-context.ts';
import { Problem } from './problem.tsx';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { takeTokenFromAddress, viewOf } from './view.ts';

const DevicePage = lazy(() => import('./device/device-page.tsx'));
const NewRunPage = lazy(() => import('./new-run/new-run-page.tsx'));
const PeoplePage = lazy(() => import('./people-page.tsx'));

const queries = createQueries();

export default function DashboardPage() {
  return (
    <QueryClientProvider client={queries}>
      <PageFrame size={1240}>
        <Guarded />
      </PageFrame>
    </QueryClientProvider>
  );
}

function Guarded() {
  // Taken once, before the first question, and gone from address and history at once.
  const [token] = useState(takeTokenFromAddress);
  const [isExpired, setExpired] = useState(false);
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => (token ? logIn(token).catch(() => fetchSession(signal)) : fetchSession(signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    // Any question may find out that the session is over; the log-in form then takes the page's place, and the
    // address stays, so that logging in leads back to it.
    const ends = (error: unknown) => {
      if (errorCodeOf(error) !== 'unauthorised' || !queries.getQueryData(['session'])) return;
      setExpired(true);
      void queries.resetQueries({ queryKey: ['session'] });
    };
    const forgetQueries = queries.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') ends(event.action.error);
    });
    const forgetMutations = queries.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') ends(event.action.error);
    });
    return () => {
      forgetQueries();
      forgetMutations();
    };
  }, [queries]);

  if (session.data) {
    return (
      <OperatorContext value={session.data}>
        <DashboardNavigation />
        <Suspense fallback={<LoadingPage />}>
          <Views />
        </Suspense>
      </OperatorContext>
    );
  }
  if (!session.error) return <LoadingPage />;
  if (errorCodeOf(session.error) === 'unauthorised') {
    return (
      <LoginForm
        onLoggedIn={(opened) => queries.setQueryData(['session'], opened)}
        reason={isExpired ? 'expired' : token === null ? null : 'refused'}
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
    case 'people':
      return <PeoplePage />;
    case 'device':
      return <DevicePage />;
    case 'new':
      return <NewRunPage key={hash} from={view.from} />;
    case 'run':
      return <RunPage key={view.runId} runId={view.runId} show={view.show} round={view.round} />;
  }
}
