import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileKernels, embed } from '../scripts/build-kernels.mjs';

it('the embedded kernels are what their source compiles to', async () => {
  const embedded = new URL('../src/dense/kernels/dense-kernels.generated.ts', import.meta.url);
  expect(await readFile(embedded, 'utf8')).toBe(embed(await compileKernels()));
});
