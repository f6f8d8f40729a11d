import type { BackendName } from '@tributary/fl-core';

/** The backends that the page can ask for. */
const NAMES = ['webgpu', 'webgl', 'wasm', 'cpu', 'plain'] as const satisfies readonly BackendName[];
export type PreferredBackend = (typeof NAMES)[number];

/**
 * `/join?backend=wasm#ticket=...` asks for one backend: for tests and comparisons. Without it the fastest one that
 * works is taken, and a WebGPU that is emulated in software is not considered fast.
 */
export function preferredBackend(search: string): PreferredBackend | null {
  const wanted = new URLSearchParams(search).get('backend');
  return NAMES.find((name) => name === wanted) ?? null;
}
