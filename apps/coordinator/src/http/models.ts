/**
 * `GET /v1/models/HASH`, and the same coded: models are public within a run, immutable, and the only blobs that are served.
 */

import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  BLOB_HASH_PATTERN,
  type BlobHash,
  codedModelPath,
  modelPath,
  TributaryError,
} from '@tributary/fl-core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CodedModels } from '../downlink/coded-models.ts';
import type { ModelVersions } from '../downlink/model-versions.ts';
import type { Metrics } from '../metrics.ts';
import type { DownloadCounts } from '../run/download-counts.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { Shelf } from '../run/shelf.ts';
import type { Storage } from '../storage/storage.ts';

export interface ModelRouteParts {
  readonly storage: Storage;
  readonly runs: Pick<RunRegistry, 'isBaseModel'>;
  /** The models that cohorts are downloading, proven whole. */
  readonly shelf: Shelf<BlobHash>;
  readonly codedModels: CodedModels;
  readonly versions: ModelVersions;
  readonly downloads: DownloadCounts;
  readonly metrics: Metrics;
}

export function serveModels(
  app: FastifyInstance,
  { storage, runs, shelf, codedModels, versions, downloads, metrics }: ModelRouteParts,
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

  /** Counts what is sent of a model, and sends it in its turn. */
  const send = async (
    model: BlobHash,
    bytes: Uint8Array,
    { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  ) => {
    if (request.method === 'GET') {
      metrics.bytes.inc({ direction: 'down' }, bytes.length);
      downloads.count(model, bytes.length);
    }
    await ownTurn();
    reply.type('application/octet-stream').header('content-length', bytes.length);
    return reply.send('encrypted' in request.raw.socket ? Readable.from(slicesOf(bytes)) : bytes);
  };

  app.get<{ Params: { hash: string } }>(modelPath(':hash' as BlobHash), async (request, reply) => {
    const hash = request.params.hash as BlobHash;
    if (!BLOB_HASH_PATTERN.test(hash) || !(await isModel(hash))) throw noSuchModel();
    if (isHeld(hash, { request, reply })) return reply.status(304).send();
    return send(hash, await shelf.get(hash), { request, reply });
  });

  const serveCoded = (path: string): void => {
    app.get<{ Params: { hash: string; base?: string } }>(path, async (request, reply) => {
      const model = request.params.hash as BlobHash;
      const base = (request.params.base ?? null) as BlobHash | null;
      if (!versions.isCodable(model, base)) throw noSuchModel();
      if (isHeld(base === null ? `${model}/coded` : `${model}/coded/${base}`, { request, reply })) {
        return reply.status(304).send();
      }
      const coded = await codedModels.get(model, base);
      if (request.method === 'GET') metrics.codedModels.inc({ kind: base === null ? 'alone' : 'changes' });
      return send(model, coded, { request, reply });
    });
  };
  serveCoded(codedModelPath(':hash' as BlobHash, null));
  serveCoded(codedModelPath(':hash' as BlobHash, ':base' as BlobHash));
}

const noSuchModel = (): TributaryError => new TributaryError('not-found', 'there is no such model here');

/** Says for how long an answer is good: for ever. @returns whether whoever asks has it already */
function isHeld(name: string, { request, reply }: { request: FastifyRequest; reply: FastifyReply }): boolean {
  const tag = `"${name}"`;
  reply.headers({ etag: tag, 'cache-control': 'public, max-age=31536000, immutable' });
  return request.headers['if-none-match'] === tag;
}

const SLICE_BYTES = 256 * 1024;

/**
 * For TLS, which would encrypt a whole model at once and keep the result for as long as the reader takes: as much
 * memory as there are slow readers. Without TLS all of them share one copy.
 */
function* slicesOf(frame: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at += SLICE_BYTES) yield frame.subarray(at, at + SLICE_BYTES);
}
