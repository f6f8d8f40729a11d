import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { compressedFiles } from './compressed-files.ts';
import { usedColours } from './used-colours.ts';
import { webSocketOnly } from './websocket-only.ts';

/** Where `npm run tributary -- serve` listens unless told otherwise. */
const COORDINATOR = 'http://127.0.0.1:8080';

/** Making a schema has no effect but the schema: who reads none, like the workers, carries none. */
const TREESHAKE = { manualPureFunctions: ['z'] };

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), webSocketOnly(), usedColours(), compressedFiles()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  worker: { format: 'es', rolldownOptions: { treeshake: TREESHAKE } },
  build: {
    outDir: 'dist',
    rolldownOptions: { treeshake: TREESHAKE },
    emptyOutDir: true,
    target: 'es2022',
    // Every browser that has what the target asks for preloads modules by itself.
    modulePreload: { polyfill: false },
    // These know `light-dark()`, so that it stays as it is written.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The content security policy refuses `data:` sources; every asset is a file.
    assetsInlineLimit: 0,
    // tfjs, alone in the training worker, is the one big chunk.
    chunkSizeWarningLimit: 2500,
  },
  server: { proxy: { '/v1': { target: COORDINATOR, ws: true } } },
});
