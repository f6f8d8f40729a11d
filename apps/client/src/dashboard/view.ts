/** Which view the fragment names: `#run=ID`, `#new`, or the list. The coordinator serves one page for all of them. */
type View =
  | { readonly page: 'runs' }
  | { readonly page: 'new' }
  | { readonly page: 'run'; readonly runId: string };

export const RUNS_ADDRESS = '/admin#runs';
export const NEW_RUN_ADDRESS = '/admin#new';
export const runAddress = (runId: string) => `/admin#${new URLSearchParams({ run: runId })}`;

export function viewOf(hash: string): View {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const runId = parameters.get('run');
  if (runId) return { page: 'run', runId };
  return parameters.has('new') ? { page: 'new' } : { page: 'runs' };
}

/** `/admin#token=...` logs in; the token must not stay in the address, where a screen share would show it. */
export function takeTokenFromAddress(): string | null {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const token = parameters.get('token');
  if (token === null) return null;
  parameters.delete('token');
  const rest = parameters.toString();
  history.replaceState(null, '', location.pathname + location.search + (rest && `#${rest}`));
  return token;
}
