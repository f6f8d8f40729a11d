/** Models from elsewhere, for runs that adapt them. */
import { modelUploadedSchema } from '@tributary/fl-core';
import { type AdminRoute, uploadRoute } from './admin-route.ts';
import type { AdminParts } from './admin-routes.ts';

export function modelRoutes({ storage, aggregation }: AdminParts): readonly AdminRoute[] {
  return [
    uploadRoute({
      method: 'POST',
      path: 'models',
      summary: 'Upload a model as a frame, so that a run can adapt it',
      role: 'operator',
      answer: modelUploadedSchema,
      status: 201,
      async handle(frame) {
        const { hash, bytes } = await aggregation.adopt(frame);
        await storage.models.put(bytes, hash);
        return { modelHash: hash, bytes: bytes.length };
      },
    }),
  ];
}
