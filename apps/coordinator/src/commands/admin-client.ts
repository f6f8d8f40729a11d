/** The commands' way to a running coordinator: its admin API over HTTP. */
import { ADMIN_PATH, problemSchema, TributaryError } from '@tributary/fl-core';
import { UsageError } from './command.ts';

export const ADMIN_OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  token: { type: 'string' },
} as const;

export const ADMIN_HELP = `  --url URL          the running coordinator (default http://127.0.0.1:8080)
  --token TOKEN      operator token; better in the environment variable TRIBUTARY_TOKEN, which others cannot see`;

export interface AdminClient {
  json(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  bytes(path: string): Promise<Uint8Array>;
  upload(path: string, content: Uint8Array): Promise<unknown>;
}

export function adminClient({
  url,
  token = process.env.TRIBUTARY_TOKEN,
}: {
  url: string;
  token?: string | undefined;
}): AdminClient {
  if (!token) throw new UsageError('an operator token is needed: --token or TRIBUTARY_TOKEN');
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is not a URL`);

  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const isBytes = body instanceof Uint8Array;
    const response = await fetch(new URL(`${ADMIN_PATH}/${path}`, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': `application/${isBytes ? 'octet-stream' : 'json'}` }),
      },
      ...(body !== undefined && {
        body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
      }),
    }).catch((cause: unknown) => {
      throw new Error(whyUnreachable(url, cause), { cause });
    });
    if (response.ok) return response;
    const problem = problemSchema.safeParse(await response.json().catch(() => null));
    throw problem.success
      ? new TributaryError(problem.data.code, problem.data.message)
      : new Error(`${url} answered ${response.status}`);
  };
  return {
    json: async (method, path, body) => (await call(method, path, body)).json(),
    upload: async (path, content) => (await call('POST', path, content)).json(),
    bytes: async (path) => new Uint8Array(await (await call('GET', path)).arrayBuffer()),
  };
}

/** What OpenSSL calls a certificate that nobody known vouches for. */
const UNTRUSTED = /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/;

function whyUnreachable(url: string, error: unknown): string {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return UNTRUSTED.test(code ?? '')
    ? `the certificate of ${url} is not known here; trust it with NODE_EXTRA_CA_CERTS=DATA/tls/certificate.pem`
    : `no coordinator answers at ${url}; start one with \`tributary serve\``;
}
