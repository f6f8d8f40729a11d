/** Who may operate; for owners. */
import { createOperatorSchema, type Operator, operatorSchema, operatorTokenSchema } from '@tributary/fl-core';
import * as z from 'zod/mini';
import { type NamedOperator, nameOperator, removeOperator, renewToken } from '../auth/operators.ts';
import type { StoredOperator } from '../storage/operator-store.ts';
import { type AdminRoute, route, silentRoute } from './admin-route.ts';
import type { AdminParts } from './admin-routes.ts';
import { loginUrl } from './login-url.ts';

export function operatorRoutes({ storage: { operators }, server }: AdminParts): readonly AdminRoute[] {
  const tell = ({ operator, token }: NamedOperator) => ({
    operator: describeOperator(operator),
    token,
    loginUrl: loginUrl(server().publicUrl, token),
  });
  return [
    route({
      method: 'GET',
      path: 'operators',
      summary: 'Who may operate, oldest first',
      role: 'owner',
      answer: z.array(operatorSchema),
      handle: async () => (await operators.operators()).map(describeOperator),
    }),
    route({
      method: 'POST',
      path: 'operators',
      summary: 'Name an operator; the answer tells the token, once',
      role: 'owner',
      body: createOperatorSchema,
      answer: operatorTokenSchema,
      status: 201,
      handle: async ({ body }) => tell(await nameOperator(operators, body)),
    }),
    route({
      method: 'POST',
      path: 'operators/{operatorId}/token',
      summary: 'A new token; the old one and its sessions end',
      role: 'owner',
      answer: operatorTokenSchema,
      handle: async ({ params }) => tell(await renewToken(operators, params.operatorId ?? '')),
    }),
    silentRoute({
      method: 'DELETE',
      path: 'operators/{operatorId}',
      summary: 'Remove an operator, whose token and sessions end; the last owner stays',
      role: 'owner',
      handle: ({ params }) => removeOperator(operators, params.operatorId ?? ''),
    }),
  ];
}

const describeOperator = ({ operatorId, name, role, createdAt, lastSeenAt }: StoredOperator): Operator => ({
  operatorId,
  name,
  role,
  createdAt,
  lastSeenAt,
});
