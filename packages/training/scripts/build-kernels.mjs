/**
 * Compiles the AssemblyScript kernels and embeds the bytes: `npm run build:kernels -w packages/training`.
 * With `--check` it writes nothing and fails when the embedded bytes are others.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { main } from 'assemblyscript/asc';

const SOURCES = new URL('../src/wasm/assembly/', import.meta.url);
const BUILDS = {
  strict: 'simd,bulk-memory',
  relaxed: 'simd,relaxed-simd,bulk-memory',
};

/**
 * @param {string} features
 * @returns {Promise<Uint8Array>} the module's bytes: the same for the same sources and compiler version.
 */
async function compileKernels(features) {
  const sources = await readSources();
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
      readFile: (name) => sources.get(name) ?? null,
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`the kernels do not compile: ${stderr}`);
  return binary;
}

/** @returns {Promise<Map<string, string>>} text by file name */
async function readSources() {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, SOURCES), 'utf8')));
  return new Map(names.map((name, index) => [name, texts[index]]));
}

/**
 * @param {string} build
 * @param {Uint8Array} binary
 */
function embed(build, binary) {
  const lines =
    Buffer.from(binary)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  return [
    '/** Generated from assembly/ by `npm run build:kernels -w packages/training`; do not edit. */',
    `export const ${build.toUpperCase()}_KERNELS_BASE64 =`,
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

for (const [build, features] of Object.entries(BUILDS)) {
  const embedded = embed(build, await compileKernels(features));
  const target = new URL(`../src/wasm/${build}-kernels.generated.ts`, import.meta.url);
  if (!process.argv.includes('--check')) {
    await writeFile(target, embedded);
  } else if ((await readFile(target, 'utf8')) !== embedded) {
    console.error(
      `the embedded ${build} kernels are not what assembly/ compiles to; run this without --check`,
    );
    process.exitCode = 1;
  }
}
