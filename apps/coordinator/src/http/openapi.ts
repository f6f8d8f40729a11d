/** OpenAPI 3.1, generated from the schemas that check the traffic. */
import { ADMIN_PATH, CSRF_HEADER, problemSchema } from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { AdminRoute } from './admin-route.ts';
import { SESSION_ROUTES } from './admin-routes.ts';
import { SESSION_COOKIE } from './request-credentials.ts';

type DescribedRoute = Pick<AdminRoute, 'method' | 'path' | 'summary' | 'status' | 'answer'> &
  Partial<Pick<AdminRoute, 'role' | 'query' | 'body'>>;

export function openApiDocument(routes: readonly AdminRoute[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const described of [...SESSION_ROUTES, ...routes] as readonly DescribedRoute[]) {
    const path = `${ADMIN_PATH}/${described.path}`;
    paths[path] = { ...paths[path], [described.method.toLowerCase()]: operation(described) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary operator API',
      version: '1',
      description: `A change that is authorised by the session cookie carries the session's csrfToken in the header ${CSRF_HEADER}. Over TLS the cookie is named __Host-${SESSION_COOKIE}.`,
    },
    security: [{ operatorToken: [] }, { session: [] }],
    components: {
      securitySchemes: {
        operatorToken: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
      },
    },
    paths,
  };
}

function operation({
  path,
  summary,
  role,
  query,
  body,
  answer,
  status,
}: DescribedRoute): Record<string, unknown> {
  const parameters = [...pathParameters(path), ...(query ? queryParameters(query) : [])];
  return {
    summary,
    ...(role ? { description: `For the role ${role} and those above it.` } : { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: body === 'bytes' ? { 'application/octet-stream': {} } : jsonContent(body),
      },
    }),
    responses: {
      [status]: {
        description: summary,
        ...(answer === 'file' && { content: { 'application/octet-stream': {} } }),
        ...(typeof answer === 'object' && { content: jsonContent(answer) }),
      },
      default: { description: 'A problem, with a stable code', content: jsonContent(problemSchema) },
    },
  };
}

function pathParameters(path: string): Record<string, unknown>[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodMiniType): Record<string, unknown>[] {
  const { properties } = jsonSchemaOf(query);
  return Object.entries(properties ?? {}).map(([name, schema]) => ({ name, in: 'query', schema }));
}

function jsonContent(schema: z.ZodMiniType): Record<string, unknown> {
  return { 'application/json': { schema: jsonSchemaOf(schema) } };
}

function jsonSchemaOf(schema: z.ZodMiniType): { properties?: object } {
  // `input`: branded identifiers are transforms, whose output JSON Schema cannot express.
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return jsonSchema;
}
