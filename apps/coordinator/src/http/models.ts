/** `GET /v1/models/HASH`: models are public within a run, immutable, and the only blobs that are served. */

import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BLOB_HASH_PATTERN, type BlobHash, modelPath, TributaryError } from '@tributary/fl-core';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';
import type { DownloadCounts } from '../run/download-counts.ts';
import type { ModelShelf } from '../run/model-shelf.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { Storage } from '../storage/storage.ts';

export interface ModelRouteParts {
  readonly storage: Storage;
  readonly runs: Pick<RunRegistry, 'isBaseModel'>;
  readonly shelf: ModelShelf;
  readonly downloads: DownloadCounts;
  readonly metrics: Metrics;
}

export function serveModels(
  app: FastifyInstance,
  { storage, runs, shelf, downloads, metrics }: ModelRouteParts,
): void {
  /** Handing a whole model to the system takes a moment, and a cohort asks in the same one: one a turn. */
  let turn: Promise<void> = Promise.resolve();
  const ownTurn = (): Promise<void> => {
    turn = turn.then(() => nextTurn());
    return turn;
  };

  // What is on the shelf is a model.
  const isModel = async (hash: BlobHash): Promise<boolean> =>
    shelf.has(hash) || runs.isBaseModel(hash) || (await storage.runs.isModel(hash));

  app.get<{ Params: { hash: string } }>(modelPath(':hash' as BlobHash), async (request, reply) => {
    const hash = request.params.hash as BlobHash;
    if (!BLOB_HASH_PATTERN.test(hash) || !(await isModel(hash)))
      throw new TributaryError('not-found', 'there is no such model here');
    const tag = `"${hash}"`;
    reply.headers({ etag: tag, 'cache-control': 'public, max-age=31536000, immutable' });
    if (request.headers['if-none-match'] === tag) return reply.status(304).send();
    const frame = await shelf.get(hash);
    if (request.method === 'GET') {
      metrics.bytes.inc({ direction: 'down' }, frame.length);
      downloads.count(hash, frame.length);
    }
    await ownTurn();
    reply.type('application/octet-stream').header('content-length', frame.length);
    return reply.send('encrypted' in request.raw.socket ? Readable.from(slicesOf(frame)) : frame);
  });
}

const SLICE_BYTES = 256 * 1024;

/**
 * For TLS, which would encrypt a whole model at once and keep the result for as long as the reader takes: as much
 * memory as there are slow readers. Without TLS all of them share one copy.
 */
function* slicesOf(frame: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at += SLICE_BYTES) yield frame.subarray(at, at + SLICE_BYTES);
}
