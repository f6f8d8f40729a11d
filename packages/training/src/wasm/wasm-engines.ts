import type { EngineKind } from '../network/engine-kind.ts';
import { compiledKernels, type KernelBuild } from './kernels.ts';
import { createWasmEngine, wasmLayout } from './wasm-engine.ts';

/** Beyond this, matrix products are at their speed and activations leave the caches. */
const LARGEST_PASS = 64;

const kinds = new Map<KernelBuild, EngineKind>();

/** Null where WebAssembly SIMD cannot run. */
export function wasmEngines(wanted: KernelBuild): EngineKind | null {
  const build = compiledKernels(wanted)?.build;
  if (build === undefined) return null;
  const known = kinds.get(build);
  if (known) return known;
  const kind: EngineKind = {
    name: 'wasm',
    adapter: build === 'relaxed' ? 'WebAssembly relaxed SIMD' : 'WebAssembly SIMD',
    layout: wasmLayout(build),
    largestPass: LARGEST_PASS,
    runsOn: 'thread',
    create: (spec) => createWasmEngine(spec, build)!,
    // Memories go back by themselves, with the last engine.
    close() {},
  };
  kinds.set(build, kind);
  return kind;
}
