/** Three pages under one roof. Each is its own chunk: a participant never loads the dashboard. */
import { lazy, Suspense } from 'react';
import { LoadingPage } from './appearance/loading-page.tsx';

const pages = {
  landing: lazy(() => import('./landing/landing-page.tsx')),
  join: lazy(() => import('./participant-page/join-page.tsx')),
  admin: lazy(() => import('./dashboard/dashboard-page.tsx')),
};

export function App() {
  const Page = pages[pageOf(location.pathname)];
  return (
    <Suspense fallback={<LoadingPage />}>
      <Page />
    </Suspense>
  );
}

export function pageOf(path: string): keyof typeof pages {
  if (path.startsWith('/join')) return 'join';
  return path.startsWith('/admin') ? 'admin' : 'landing';
}
