import { BLOB_HASH_PATTERN, type BlobHash } from '@tributary/fl-core';

/** Which view the fragment names, e.g. `#run=ID&show=rounds`. The coordinator serves one page for all of them. */
export const RUN_VIEWS = ['overview', 'rounds', 'model', 'invites', 'log'] as const;
export type RunView = (typeof RUN_VIEWS)[number];

/** The run whose manifest a new one starts with, and the model of it that the new one adapts; null to train anew. */
export interface Origin {
  readonly runId: string;
  readonly baseModel: BlobHash | null;
}

type View =
  | { readonly page: 'runs' }
  | { readonly page: 'people' }
  | { readonly page: 'device' }
  | { readonly page: 'new'; readonly from: Origin | null }
  | {
      readonly page: 'run';
      readonly runId: string;
      readonly show: RunView;
      /** The round that was chosen on the way here; null for none. */
      readonly round: number | null;
    };

export const RUNS_ADDRESS = '/admin#runs';
export const PEOPLE_ADDRESS = '/admin#people';
export const DEVICE_ADDRESS = '/admin#device';
export const NEW_RUN_ADDRESS = '/admin#new';
export const cloneAddress = (runId: string) => `/admin#${new URLSearchParams({ new: '', from: runId })}`;
export const adaptAddress = (runId: string, baseModel: BlobHash) =>
  `/admin#${new URLSearchParams({ new: '', from: runId, base: baseModel })}`;
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
  if (parameters.has('new')) return { page: 'new', from: originIn(parameters) };
  if (parameters.has('people')) return { page: 'people' };
  return { page: parameters.has('device') ? 'device' : 'runs' };
}

function originIn(parameters: URLSearchParams): Origin | null {
  const runId = parameters.get('from');
  const base = parameters.get('base') ?? '';
  return runId ? { runId, baseModel: BLOB_HASH_PATTERN.test(base) ? (base as BlobHash) : null } : null;
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
