import { defineConfig } from 'vitest/config';

const project = (name: string, folder: string) => ({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { name, include: [`${folder}/test/**/*.test.ts`], environment: 'node' },
});

/** `npm run check` leaves out `*.slow.test.ts`; `npm test` runs everything. */
export default defineConfig({
  test: {
    exclude: process.env.TRIBUTARY_FAST
      ? ['**/*.slow.test.ts', '**/node_modules/**']
      : ['**/node_modules/**'],
    projects: [
      project('compression', 'packages/compression'),
      project('privacy', 'packages/privacy'),
      project('fl-core', 'packages/fl-core'),
      project('training', 'packages/training'),
      project('participant', 'packages/participant'),
      project('simulation', 'packages/simulation'),
      project('coordinator', 'apps/coordinator'),
      project('client', 'apps/client'),
      { ...project('whole', 'test'), test: { name: 'whole', include: ['test/**/*.test.ts'] } },
    ],
  },
});
