/** `GET /v1/models/HASH`: models are public within a run, immutable, and the only blobs that are served. */

import { BLOB_HASH_PATTERN, type BlobHash, modelPath, TributaryError } from '@tributary/fl-core';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { Storage } from '../storage/storage.ts';

export interface ModelRouteParts {
  readonly storage: Storage;
  readonly runs: RunRegistry;
  readonly metrics: Metrics;
}

export function serveModels(app: FastifyInstance, { storage, runs, metrics }: ModelRouteParts): void {
  const readModel = rememberingLatest((hash) => storage.models.get(hash));

  app.get<{ Params: { hash: string } }>(modelPath(':hash' as BlobHash), async (request, reply) => {
    const hash = request.params.hash as BlobHash;
    if (!BLOB_HASH_PATTERN.test(hash) || !(await storage.runs.isModel(hash))) {
      throw new TributaryError('not-found', 'there is no such model here');
    }
    const tag = `"${hash}"`;
    reply.headers({ etag: tag, 'cache-control': 'public, max-age=31536000, immutable' });
    if (request.headers['if-none-match'] === tag) return reply.status(304).send();
    const frame = await readModel(hash);
    if (request.method === 'GET') {
      metrics.bytes.inc({ direction: 'down' }, frame.length);
      // Runs of one template share their first model; then each counts the download.
      for (const run of runs.all()) if (run.state.round?.modelHash === hash) run.countDownload(frame.length);
    }
    return reply.type('application/octet-stream').send(frame);
  });
}

/** A cohort asks for one model within seconds: it is read and proven whole once. */
function rememberingLatest(
  read: (hash: BlobHash) => Promise<Uint8Array>,
): (hash: BlobHash) => Promise<Uint8Array> {
  let latest: { hash: BlobHash; frame: Promise<Uint8Array> } | null = null;
  return (hash) => {
    if (latest?.hash !== hash) {
      const frame = read(hash);
      latest = { hash, frame };
      frame.catch(() => {
        latest = null;
      });
    }
    return latest.frame;
  };
}
