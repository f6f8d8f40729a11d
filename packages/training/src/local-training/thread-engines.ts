import type { EngineKind } from '../network/engine-kind.ts';
import { referenceEngines } from '../reference/reference-engine.ts';
import type { KernelBuild } from '../wasm/kernels.ts';
import { wasmEngines } from '../wasm/wasm-engines.ts';

/**
 * The fastest engines that need no event loop. `strict` ones give the same bits on every machine with WebAssembly SIMD.
 */
export function threadEngines(build: KernelBuild = 'strict'): EngineKind {
  return wasmEngines(build) ?? referenceEngines;
}
