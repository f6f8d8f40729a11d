/** One question to the coordinator's admin API; the answer is checked with the schema that it was defined by. */
import { ADMIN_PATH, CSRF_HEADER, problemSchema, TributaryError } from '@tributary/fl-core';
import * as z from 'zod/mini';

interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/admin/`. */
  readonly path: string;
  /** A Blob goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}
interface Question<Schema extends z.core.$ZodType> extends Request {
  readonly answer: Schema;
}

/** Of the session that this browser has; every change carries it. */
let csrfToken: string | null = null;

export function rememberCsrfToken<Session extends { readonly csrfToken: string | null }>(
  session: Session,
): Session {
  csrfToken = session.csrfToken;
  return session;
}

/**
 * @throws TributaryError with the coordinator's code; `internal` when it does not answer, `message-malformed` when
 * the answer is not understood
 */
export async function ask<Schema extends z.core.$ZodType>(
  question: Question<Schema>,
): Promise<z.infer<Schema>> {
  const response = await answered(question);
  const parsed = z.safeParse(question.answer, await response.json().catch(() => null));
  if (!parsed.success)
    throw new TributaryError('message-malformed', `the answer to ${question.path} is not understood`);
  return parsed.data;
}

/** A request whose answer has nothing to read. */
export async function tell(request: Request): Promise<void> {
  await answered(request);
}

export async function askText(request: Request): Promise<string> {
  return (await answered(request)).text();
}

async function answered(request: Request): Promise<Response> {
  const response = await fetched(request);
  if (response.ok) return response;
  const problem = problemSchema.safeParse(await response.json().catch(() => null));
  if (problem.success) throw new TributaryError(problem.data.code, problem.data.message);
  throw new TributaryError('internal', `the coordinator answered with status ${response.status}`);
}

async function fetched({ method = 'GET', path, body, signal }: Request): Promise<Response> {
  const isBlob = body instanceof Blob;
  try {
    return await fetch(`${ADMIN_PATH}/${path}`, {
      method,
      headers: {
        ...(method !== 'GET' && csrfToken !== null && { [CSRF_HEADER]: csrfToken }),
        ...(body !== undefined && { 'content-type': `application/${isBlob ? 'octet-stream' : 'json'}` }),
      },
      ...(body !== undefined && { body: isBlob ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new TributaryError('internal', 'the coordinator cannot be reached', { cause: error });
  }
}
