/**
 * A model for `tf.loadLayersModel`: `model.json` and shards of weights, in a zip. Stored without compression, which
 * would win little on float32, and made in pieces with the event loop in between.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParameterSet } from '@tributary/fl-core';
import { strToU8, Zip, ZipPassThrough } from 'fflate';
import { littleEndianBytes } from './tensor-bytes.ts';
import type { NamedTopology } from './tfjs-topology.ts';

/** As tfjs's own converter cuts them: browsers keep files of this size in their cache. */
const SHARD_BYTES = 4 * 1024 * 1024;
/** The same model gives the same bytes; a zip must carry some time, and this is the earliest that it can. */
const NO_TIME = new Date(1980, 0, 1);

export async function* tfjsArchive(
  { topology, weightNames }: NamedTopology,
  parameters: ParameterSet,
): AsyncGenerator<Uint8Array> {
  const weights = littleEndianBytes(parameters.values);
  const shards = Math.max(1, Math.ceil(weights.length / SHARD_BYTES));
  const paths = Array.from({ length: shards }, (_, index) => `group1-shard${index + 1}of${shards}.bin`);
  const manifest = {
    format: 'layers-model',
    generatedBy: 'Tributary',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [
      {
        paths,
        weights: parameters.shapes.map((shape, index) => ({
          name: weightNames[index],
          shape,
          dtype: 'float32',
        })),
      },
    ],
  };

  const ready: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    ready.push(piece);
  });
  const store = (name: string, content: Uint8Array): void => {
    const file = new ZipPassThrough(name);
    file.mtime = NO_TIME;
    zip.add(file);
    file.push(content, true);
  };

  store('model.json', strToU8(JSON.stringify(manifest)));
  for (const [index, path] of paths.entries()) {
    store(path, weights.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES));
    yield* ready.splice(0);
    await nextTurn();
  }
  zip.end();
  yield* ready.splice(0);
}
