/** Models as files. */
import { EXPORT_FORMATS } from '@tributary/fl-core';
import * as z from 'zod/mini';
import { exportModel } from '../export/export-model.ts';
import { type AdminRoute, fileRoute } from './admin-route.ts';
import type { AdminParts } from './admin-routes.ts';

const exportQuery = z.strictObject({
  format: z._default(z.enum(EXPORT_FORMATS), 'frame'),
  /** Query values are text. */
  round: z.optional(z.string().check(z.regex(/^\d{1,10}$/))),
});

export function exportRoutes({ runs, storage, readModel }: AdminParts): readonly AdminRoute[] {
  return [
    fileRoute({
      method: 'GET',
      path: 'runs/{runId}/export',
      summary: 'The newest model as a file, or the one that `round` left',
      role: 'viewer',
      query: exportQuery,
      handle: ({ runId, query: { format, round } }) =>
        exportModel(
          { run: runs.get(runId), storage, readModel },
          { format, roundNumber: round === undefined ? null : Number(round) },
        ),
    }),
  ];
}
