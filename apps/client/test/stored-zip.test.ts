import { strToU8, unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { storedZip } from '../src/dashboard/new-run/stored-zip.ts';

const FILES = {
  'model.json': strToU8('{"weights": []}'),
  'gewichte-ä.bin': Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) % 256),
  empty: new Uint8Array(),
};
const zip = async () =>
  new Uint8Array(
    await (
      await storedZip(
        Object.entries(FILES).map(([name, content]) => ({ name, content: new Uint8Array(content) })),
      )
    ).arrayBuffer(),
  );

it('is read by another implementation, file by file', async () => {
  const read = unzipSync(await zip());
  expect(Object.keys(read)).toEqual(Object.keys(FILES));
  for (const [name, content] of Object.entries(FILES)) expect([...read[name]!], name).toEqual([...content]);
});

it('has the checksums that the other implementation writes', async () => {
  const checksums = (bytes: Uint8Array) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found: number[] = [];
    for (let at = 0; at + 4 <= bytes.length; at += 1)
      if (view.getUint32(at, true) === 0x04034b50) found.push(view.getUint32(at + 14, true));
    return found;
  };
  expect(checksums(await zip())).toEqual(checksums(zipSync(FILES, { level: 0 })));
});

it('lets the page go on meanwhile', async () => {
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  });
  await storedZip([{ name: 'weights.bin', content: new Uint8Array(20_000_000) }]);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(2);
});
