import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default {
  root: here('.'),
  logLevel: 'warn',
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es' },
  build: {
    outDir: here('../../../node_modules/.cache/training-benchmark'),
    emptyOutDir: true,
    // tfjs is one big chunk.
    chunkSizeWarningLimit: 4000,
  },
};
