/** Which view the fragment names, e.g. `#run=ID&show=rounds`. The coordinator serves one page for all of them. */
export const RUN_VIEWS = ['overview', 'rounds', 'model', 'invites', 'log'] as const;
export type RunView = (typeof RUN_VIEWS)[number];

type View =
  | { readonly page: 'runs' }
  | { readonly page: 'people' }
  /** `from`: the run whose manifest the new one starts with; null for a template. */
  | { readonly page: 'new'; readonly from: string | null }
  | {
      readonly page: 'run';
      readonly runId: string;
      readonly show: RunView;
      /** The round that was chosen on the way here; null for none. */
      readonly round: number | null;
    };

export const RUNS_ADDRESS = '/admin#runs';
export const PEOPLE_ADDRESS = '/admin#people';
export const NEW_RUN_ADDRESS = '/admin#new';
export const cloneAddress = (runId: string) => `/admin#${new URLSearchParams({ new: '', from: runId })}`;
export const runAddress = (runId: string, show: RunView = 'overview') =>
  `/admin#${new URLSearchParams({ run: runId, ...(show !== 'overview' && { show }) })}`;

export const roundAddress = (runId: string, round: number) => `${runAddress(runId, 'rounds')}&round=${round}`;

export function viewOf(hash: string): View {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const runId = parameters.get('run');
  if (runId) {
    const named = parameters.get('show');
    const round = Number.parseInt(parameters.get('round') ?? '', 10);
    return {
      page: 'run',
      runId,
      show: RUN_VIEWS.find((view) => view === named) ?? 'overview',
      round: Number.isNaN(round) ? null : round,
    };
  }
  if (parameters.has('new')) return { page: 'new', from: parameters.get('from') };
  return { page: parameters.has('people') ? 'people' : 'runs' };
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
