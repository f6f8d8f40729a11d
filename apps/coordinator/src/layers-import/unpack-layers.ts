/** A saved tfjs layers model out of a zip: one JSON with the topology, and the shards that it names. */
import { MAXIMUM_PARAMETERS, TributaryError } from '@tributary/fl-core';
import type { SavedLayersModel } from '@tributary/training';
import { unzipSync } from 'fflate';
import * as z from 'zod/mini';

/** Of all files together, unpacked: the weights of the largest model, and its topology. */
export const MAXIMUM_UNPACKED_BYTES = 4 * MAXIMUM_PARAMETERS + 16 * 1024 * 1024;
const MAXIMUM_FILES = 10_000;

const size = z.int().check(z.nonnegative(), z.maximum(1_000_000_000));
const weightSchema = z.object({
  name: z.string(),
  shape: z.array(size).check(z.maxLength(8)),
  dtype: z.enum(['float32']),
  quantization: z.optional(
    z.object({
      dtype: z.enum(['uint8', 'uint16', 'float16']),
      scale: z.optional(z.number()),
      min: z.optional(z.number()),
    }),
  ),
});
const modelFileSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string()).check(z.maxLength(MAXIMUM_FILES)),
        weights: z.array(weightSchema).check(z.maxLength(MAXIMUM_FILES)),
      }),
    )
    .check(z.maxLength(MAXIMUM_FILES)),
});
type ModelFile = z.infer<typeof modelFileSchema>;

/** @throws TributaryError `model-file-invalid`, `message-too-large` */
export function unpackLayers(zip: Uint8Array): SavedLayersModel {
  const files = unzipped(zip);
  const { modelTopology, weightsManifest } = modelFile(files);
  const weights = weightsManifest.flatMap((group) => group.weights) as SavedLayersModel['weights'];
  const shards = weightsManifest.flatMap(({ paths }) => paths.map((path) => shardOf(files, path)));
  return { topology: modelTopology, weights, weightData: joined(shards) };
}

type Files = ReadonlyMap<string, Uint8Array>;

/**
 * By name without folder. Counted before anything is unpacked: of a packed file fflate gives as many bytes as its entry says,
 * of a stored one as many as lie in the zip. Entries may lie over each other there, so neither bounds the other.
 */
function unzipped(zip: Uint8Array): Files {
  let bytes = 0;
  let count = 0;
  const isTooMuch = (): boolean => bytes > MAXIMUM_UNPACKED_BYTES || count > MAXIMUM_FILES;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(zip, {
      filter({ name, size, originalSize }) {
        if (name.endsWith('/') || name.startsWith('__MACOSX/')) return false;
        bytes += Math.max(size, originalSize);
        count += 1;
        return !isTooMuch();
      },
    });
  } catch (cause) {
    throw new TributaryError('model-file-invalid', 'this is not a whole zip archive', { cause });
  }
  if (isTooMuch()) throw tooLarge();
  const files = new Map<string, Uint8Array>();
  for (const [path, content] of Object.entries(entries)) {
    const name = baseName(path);
    if (files.has(name)) throw invalid(`two files are called ${name}`);
    files.set(name, content);
  }
  return files;
}

function modelFile(files: Files): ModelFile {
  const documents = [...files].filter(([name]) => name.endsWith('.json'));
  if (documents.length !== 1)
    throw invalid(`there must be one JSON with the topology, not ${documents.length}`);
  const [name, content] = documents[0]!;
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    throw invalid(`${name} is not JSON`);
  }
  const parsed = modelFileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${name} is not a saved layers model: ${issue?.path.join('.')}: ${issue?.message}`);
}

function shardOf(files: Files, path: string): Uint8Array {
  const shard = files.get(baseName(path));
  if (!shard) throw invalid(`the weight file ${baseName(path)} is missing`);
  return shard;
}

function joined(shards: readonly Uint8Array[]): ArrayBuffer {
  const length = shards.reduce((sum, shard) => sum + shard.length, 0);
  // The document may name one shard as often as it likes.
  if (length > MAXIMUM_UNPACKED_BYTES) throw tooLarge();
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const shard of shards) {
    whole.set(shard, offset);
    offset += shard.length;
  }
  return whole.buffer;
}

const baseName = (path: string): string => path.split('/').at(-1)!;
const tooLarge = () =>
  new TributaryError(
    'message-too-large',
    `a model is at most ${MAXIMUM_UNPACKED_BYTES} bytes in ${MAXIMUM_FILES} files`,
  );
const invalid = (message: string) => new TributaryError('model-file-invalid', message);
