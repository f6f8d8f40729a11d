/** The files of a saved layers model as the coordinator takes them: one zip. */
export async function packedLayers(files: readonly File[]): Promise<Blob> {
  const [first] = files;
  if (first && files.length === 1 && /\.zip$/i.test(first.name)) return first;
  const { zipSync } = await import('fflate');
  const contents = await Promise.all(
    files.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const),
  );
  // Weights hardly shrink.
  return new Blob([zipSync(Object.fromEntries(contents), { level: 0 })]);
}
