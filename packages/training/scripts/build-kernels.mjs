/**
 * Compiles the AssemblyScript kernels and embeds the bytes: `npm run build:kernels -w packages/training`.
 * With `--check` it writes nothing and fails when the embedded bytes are others.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { main } from 'assemblyscript/asc';

const SOURCE = new URL('../src/dense/kernels/assembly/dense.ts', import.meta.url);
const EMBEDDED = new URL('../src/dense/kernels/dense-kernels.generated.ts', import.meta.url);

/** @returns {Promise<Uint8Array>} the module's bytes: the same for the same source and compiler version. */
async function compileKernels() {
  const source = await readFile(SOURCE, 'utf8');
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await main(
    [
      'dense.ts',
      '--outFile',
      'dense.wasm',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--enable',
      'simd,bulk-memory',
      '--use',
      'abort=',
    ],
    {
      readFile: (name) => (name === 'dense.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name === 'dense.wasm') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`the kernels do not compile: ${stderr}`);
  return binary;
}

/** @param {Uint8Array} binary */
function embed(binary) {
  const lines =
    Buffer.from(binary)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '/** Generated from assembly/dense.ts by `npm run build:kernels -w packages/training`; do not edit. */',
    'export const DENSE_KERNELS_BASE64 =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

const embedded = embed(await compileKernels());
if (!process.argv.includes('--check')) {
  await writeFile(EMBEDDED, embedded);
} else if ((await readFile(EMBEDDED, 'utf8')) !== embedded) {
  console.error('the embedded kernels are not what assembly/dense.ts compiles to; run this without --check');
  process.exitCode = 1;
}
