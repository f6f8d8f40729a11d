/** What a zip may cost the coordinator before anybody has looked at the model in it. */
import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { MAXIMUM_UNPACKED_BYTES, unpackLayers } from '../src/layers-import/unpack-layers.ts';

const MEGABYTE = 1024 * 1024;

test('files that lie over each other in the zip are counted, also when they say that they are empty', () => {
  const files = Math.ceil(MAXIMUM_UNPACKED_BYTES / MEGABYTE) + 1;
  expect(() => unpackLayers(overlapping(new Uint8Array(MEGABYTE), files))).toThrow(
    expect.objectContaining({ code: 'message-too-large' }),
  );
});

test('a shard that is named again and again is counted each time', () => {
  const times = Math.ceil(MAXIMUM_UNPACKED_BYTES / MEGABYTE) + 1;
  const document = {
    modelTopology: {},
    weightsManifest: [{ paths: Array.from({ length: times }, () => 'a.bin'), weights: [] }],
  };
  const zip = zipSync({
    'model.json': strToU8(JSON.stringify(document)),
    'a.bin': new Uint8Array(MEGABYTE),
  });
  expect(() => unpackLayers(zip)).toThrow(expect.objectContaining({ code: 'message-too-large' }));
});

test('two models in one zip are refused, not mixed', () => {
  const document = strToU8(JSON.stringify({ modelTopology: {}, weightsManifest: [] }));
  const zip = zipSync({ 'one/model.json': document, 'two/model.json': document });
  expect(() => unpackLayers(zip)).toThrow(
    expect.objectContaining({ code: 'model-file-invalid', message: 'two files are called model.json' }),
  );
});

/** One stored file under many names, each of which says that it has no bytes (APPNOTE.TXT 4.3.12 and 4.3.16). */
function overlapping(content: Uint8Array, files: number): Uint8Array {
  const once = Buffer.from(zipSync({ 'a0000.bin': content }, { level: 0 }));
  const from = once.lastIndexOf('PK\x01\x02');
  const to = once.lastIndexOf('PK\x05\x06');
  const entries = Array.from({ length: files }, (_, index) => {
    const entry = Buffer.from(once.subarray(from, to));
    entry.writeUInt32LE(0, 24);
    entry.write(`a${String(index).padStart(4, '0')}`, 46);
    return entry;
  });
  const end = Buffer.from(once.subarray(to));
  end.writeUInt16LE(files, 8);
  end.writeUInt16LE(files, 10);
  return Buffer.concat([once.subarray(0, from), ...entries, end]);
}
