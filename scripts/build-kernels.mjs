/**
 * Compiles the kernels in AssemblyScript and embeds their bytes: `npm run build:kernels`. With `--check` it writes nothing and
 * fails when the embedded bytes are others.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { main } from 'assemblyscript/asc';

const BUILDS = [
  {
    sources: new URL('../packages/compression/src/ring/assembly/', import.meta.url),
    features: 'simd,bulk-memory',
    target: new URL('../packages/compression/src/ring/kernels.generated.ts', import.meta.url),
    constant: 'RING_KERNELS_BASE64',
  },
  {
    sources: new URL('../packages/compression/src/additive/assembly/', import.meta.url),
    features: 'simd,bulk-memory',
    target: new URL('../packages/compression/src/additive/kernels.generated.ts', import.meta.url),
    constant: 'LINEAR_KERNELS_BASE64',
  },
  {
    sources: new URL('../packages/training/src/wasm/assembly/', import.meta.url),
    features: 'simd,bulk-memory',
    target: new URL('../packages/training/src/wasm/strict-kernels.generated.ts', import.meta.url),
    constant: 'STRICT_KERNELS_BASE64',
  },
  {
    sources: new URL('../packages/training/src/wasm/assembly/', import.meta.url),
    features: 'simd,relaxed-simd,bulk-memory',
    target: new URL('../packages/training/src/wasm/relaxed-kernels.generated.ts', import.meta.url),
    constant: 'RELAXED_KERNELS_BASE64',
  },
];

for (const build of BUILDS) {
  const embedded = embed(build.constant, await compileKernels(build));
  if (!process.argv.includes('--check')) {
    await writeFile(build.target, embedded);
  } else if ((await readFile(build.target, 'utf8')) !== embedded) {
    console.error(`${build.target} is not what ${build.sources} compiles to; run this without --check`);
    process.exitCode = 1;
  }
}

/**
 * @param {{ sources: URL, features: string }} build
 * @returns {Promise<Uint8Array>} the module's bytes: the same for the same sources and compiler version.
 */
async function compileKernels({ sources, features }) {
  const texts = await readSources(sources);
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await main(
    [
      'index.ts',
      '--outFile',
      'kernels.wasm',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--enable',
      features,
      '--use',
      'abort=',
    ],
    {
      readFile: (name) => texts.get(name) ?? null,
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`${sources} does not compile: ${stderr}`);
  return binary;
}

/**
 * @param {URL} folder
 * @returns {Promise<Map<string, string>>} text by file name
 */
async function readSources(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return new Map(names.map((name, index) => [name, texts[index]]));
}

/**
 * @param {string} constant
 * @param {Uint8Array} binary
 */
function embed(constant, binary) {
  const lines =
    Buffer.from(binary)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '/** Generated from assembly/ by `npm run build:kernels`; do not edit. */',
    `export const ${constant} =`,
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}
