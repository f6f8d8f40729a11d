/** What a route of the operator's API is: data, from which the server and the OpenAPI document are both made. */
import { type RunId, TributaryError } from '@tributary/fl-core';
import * as z from 'zod/mini';

export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/admin`, as OpenAPI writes it: `runs/{runId}`. */
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodMiniType;
  readonly answer: z.ZodMiniType;
  readonly status: number;
  readonly handle: (call: { runId: RunId; inviteId: string; body: unknown }) => Promise<unknown>;
}

interface TypedRoute<Body extends z.ZodMiniType, Answer extends z.ZodMiniType> {
  readonly method: AdminRoute['method'];
  readonly path: string;
  readonly summary: string;
  readonly body?: Body;
  readonly answer: Answer;
  readonly status?: number;
  readonly handle: (call: {
    runId: RunId;
    inviteId: string;
    body: z.output<Body>;
  }) => Promise<z.input<Answer>>;
}

/** Checks the body once; behind it the handler's types hold. */
export function route<Body extends z.ZodMiniType, Answer extends z.ZodMiniType>(
  typed: TypedRoute<Body, Answer>,
): AdminRoute {
  return {
    ...typed,
    status: typed.status ?? 200,
    handle: ({ runId, inviteId, body }) =>
      typed.handle({
        runId,
        inviteId,
        body: typed.body ? parseBody(typed.body, body) : (undefined as z.output<Body>),
      }),
  };
}

export function parseBody<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TributaryError(
    'message-malformed',
    `${issue?.path.map(String).join('.') || 'body'}: ${issue?.message}`,
  );
}
