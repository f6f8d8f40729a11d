/** What a route of the operator's API is: data, from which the server and the OpenAPI document are both made. */
import { type OperatorRole, type OperatorSession, type RunId, TributaryError } from '@tributary/fl-core';
import * as z from 'zod/mini';
import { FAULT_WORDS } from './fault-words.ts';

export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/admin`, as OpenAPI writes it: `runs/{runId}`. */
  readonly path: string;
  readonly summary: string;
  /** The least role that may call it. */
  readonly role: OperatorRole;
  readonly query?: z.ZodMiniType;
  /** The schema of the JSON; or bytes, a frame. */
  readonly body?: z.ZodMiniType | 'bytes';
  /** The schema of the JSON; or a file to save; or nothing. */
  readonly answer: z.ZodMiniType | 'file' | 'nothing';
  readonly status: number;
  readonly handle: (call: AdminCall<unknown, unknown>) => Promise<unknown>;
}

export interface AdminCall<Body, Query> {
  /** Of a path that has one. */
  readonly runId: RunId;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly caller: OperatorSession;
}

export interface AdminFile {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What most routes are: JSON in, JSON out. */
interface JsonRoute<Body extends z.ZodMiniType, Query extends z.ZodMiniType, Answer extends z.ZodMiniType>
  extends Asked<Body, Query> {
  readonly answer: Answer;
  readonly status?: number;
  readonly handle: (call: AdminCall<z.output<Body>, z.output<Query>>) => Promise<z.input<Answer>>;
}
interface FileRoute<Body extends z.ZodMiniType, Query extends z.ZodMiniType> extends Asked<Body, Query> {
  readonly handle: (call: AdminCall<z.output<Body>, z.output<Query>>) => Promise<AdminFile>;
}
interface SilentRoute<Body extends z.ZodMiniType, Query extends z.ZodMiniType> extends Asked<Body, Query> {
  readonly handle: (call: AdminCall<z.output<Body>, z.output<Query>>) => Promise<void>;
}
/** Bytes in, JSON out. */
interface UploadRoute<Answer extends z.ZodMiniType>
  extends Pick<AdminRoute, 'method' | 'path' | 'summary' | 'role' | 'status'> {
  readonly answer: Answer;
  readonly handle: (bytes: Uint8Array) => Promise<z.input<Answer>>;
}
interface Asked<Body extends z.ZodMiniType, Query extends z.ZodMiniType>
  extends Pick<AdminRoute, 'method' | 'path' | 'summary' | 'role'> {
  readonly query?: Query;
  readonly body?: Body;
}

export function route<Body extends z.ZodMiniType, Query extends z.ZodMiniType, Answer extends z.ZodMiniType>(
  typed: JsonRoute<Body, Query, Answer>,
): AdminRoute {
  return { ...typed, status: typed.status ?? 200, handle: checked(typed, typed.handle) };
}

export function fileRoute<Body extends z.ZodMiniType, Query extends z.ZodMiniType>(
  typed: FileRoute<Body, Query>,
): AdminRoute {
  return { ...typed, answer: 'file', status: 200, handle: checked(typed, typed.handle) };
}

export function silentRoute<Body extends z.ZodMiniType, Query extends z.ZodMiniType>(
  typed: SilentRoute<Body, Query>,
): AdminRoute {
  return { ...typed, answer: 'nothing', status: 204, handle: checked(typed, typed.handle) };
}

export function uploadRoute<Answer extends z.ZodMiniType>({
  handle,
  ...typed
}: UploadRoute<Answer>): AdminRoute {
  return {
    ...typed,
    body: 'bytes',
    async handle({ body }) {
      if (body instanceof Uint8Array) return handle(body);
      throw new TributaryError('message-malformed', 'a model is an application/octet-stream body');
    },
  };
}

/** Checks body and query once; behind it the handler's types hold. */
function checked<Body extends z.ZodMiniType, Query extends z.ZodMiniType>(
  { body, query }: Asked<Body, Query>,
  handle: (call: AdminCall<z.output<Body>, z.output<Query>>) => Promise<unknown>,
): AdminRoute['handle'] {
  return async (call) =>
    handle({
      ...call,
      body: body ? parseOutside(body, call.body) : (undefined as z.output<Body>),
      query: query ? parseOutside(query, call.query) : (undefined as z.output<Query>),
    });
}

/** @throws TributaryError `message-malformed`, naming the field */
export function parseOutside<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, value ?? {}, { error: FAULT_WORDS });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TributaryError(
    'message-malformed',
    `${issue?.path.map(String).join('.') || 'body'}: ${issue?.message}`,
  );
}
