import { storedZip } from './stored-zip.ts';

/** The files of a saved layers model as the coordinator takes them: one zip. */
export async function packedLayers(files: readonly File[]): Promise<Blob> {
  const [first] = files;
  if (first && files.length === 1 && /\.zip$/i.test(first.name)) return first;
  return storedZip(
    await Promise.all(
      files.map(async (file) => ({ name: file.name, content: new Uint8Array(await file.arrayBuffer()) })),
    ),
  );
}
