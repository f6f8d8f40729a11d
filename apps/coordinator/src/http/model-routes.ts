/** Models from elsewhere, for runs that begin with them or adapt them. */
import { importedModelSchema, modelUploadedSchema } from '@tributary/fl-core';
import { importLayers } from '../layers-import/import-layers.ts';
import { type AdminRoute, uploadRoute } from './admin-route.ts';
import type { AdminParts } from './admin-routes.ts';

export function modelRoutes({ storage, aggregation }: AdminParts): readonly AdminRoute[] {
  return [
    uploadRoute({
      method: 'POST',
      path: 'models',
      summary: 'Upload a model as a frame, so that a run can begin with it or adapt it',
      role: 'operator',
      answer: modelUploadedSchema,
      status: 201,
      async handle(frame) {
        const { hash, bytes } = await aggregation.adopt(frame);
        await storage.models.put(bytes, hash);
        return { modelHash: hash, bytes: bytes.length };
      },
    }),
    uploadRoute({
      method: 'POST',
      path: 'models/layers',
      summary:
        'Upload a TensorFlow.js layers model, a zip of model.json and its weights, so that a run can begin with it',
      role: 'operator',
      answer: importedModelSchema,
      status: 201,
      async handle(zip) {
        const { model, frame, hash } = await importLayers(zip);
        await storage.models.put(frame, hash);
        return { model, modelHash: hash, bytes: frame.length };
      },
    }),
  ];
}
