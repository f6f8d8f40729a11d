import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** `npm run check` sets this and leaves out `*.slow.test.ts`; `npm test` runs everything. */
const isFast = Boolean(process.env.TRIBUTARY_FAST);
const exclude = [...configDefaults.exclude, ...(isFast ? ['**/*.slow.test.ts'] : [])];

/** Modules of pure packages hold nothing that one test could leave behind for another: each worker loads them once. */
const PURE = ['compression', 'privacy', 'fl-core', 'simulation'];

const project = (name: string, folder: string, setupFiles: readonly string[] = []) => ({
  // The source of our own packages, not their compiled form: a test sees an edit at once.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  // Many tests start real servers, and CI may run them beside anything: the limit is for what hangs.
  test: {
    name,
    include: [`${folder}/**/*.test.ts`],
    exclude,
    setupFiles: [...setupFiles],
    isolate: !PURE.includes(name),
    testTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    // Vitest leaves one core to the watcher, which halves a machine that has two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project('compression', 'packages/compression'),
      project('privacy', 'packages/privacy'),
      project('fl-core', 'packages/fl-core'),
      project('training', 'packages/training'),
      project('participant', 'packages/participant'),
      project('simulation', 'packages/simulation'),
      project('coordinator', 'apps/coordinator'),
      project('client', 'apps/client', ['apps/client/test/setup/speak.ts']),
      project('architecture', 'test/architecture'),
    ],
  },
});
