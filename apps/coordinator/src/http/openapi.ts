/** OpenAPI 3.1, generated from the schemas that check the traffic. */
import { ADMIN_PATH, problemSchema } from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { AdminRoute } from './admin-route.ts';
import { SESSION_ROUTES } from './admin-routes.ts';

type DescribedRoute = Pick<AdminRoute, 'method' | 'path' | 'summary' | 'status'> & {
  body?: z.ZodMiniType;
  answer?: z.ZodMiniType;
};

export function openApiDocument(routes: readonly AdminRoute[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const described of [...SESSION_ROUTES, ...routes] as readonly DescribedRoute[]) {
    const path = `${ADMIN_PATH}/${described.path}`;
    paths[path] = { ...paths[path], [described.method.toLowerCase()]: operation(described) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tributary operator API', version: '1' },
    security: [{ operatorToken: [] }, { session: [] }],
    components: {
      securitySchemes: {
        operatorToken: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'tributary_session' },
      },
    },
    paths,
  };
}

function operation({ path, summary, body, answer, status }: DescribedRoute): Record<string, unknown> {
  const isExport = path.endsWith('/export');
  return {
    summary,
    ...(path.includes('{') && {
      parameters: [
        ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
          name,
          in: 'path',
          required: true,
          schema: { type: 'string' },
        })),
        ...(isExport
          ? [{ name: 'format', in: 'query', schema: { enum: ['frame', 'safetensors'], default: 'frame' } }]
          : []),
      ],
    }),
    ...(body && { requestBody: { content: jsonContent(body) } }),
    responses: {
      [status]: {
        description: summary,
        ...(answer && { content: jsonContent(answer) }),
        ...(isExport && { content: { 'application/octet-stream': {} } }),
      },
      default: { description: 'A problem, with a stable code', content: jsonContent(problemSchema) },
    },
  };
}

function jsonContent(schema: z.ZodMiniType): Record<string, unknown> {
  // `input`: branded identifiers are transforms, whose output JSON Schema cannot express.
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { 'application/json': { schema: jsonSchema } };
}
