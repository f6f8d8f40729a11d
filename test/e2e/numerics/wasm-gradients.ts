/** Gradients of every operation and every built-in model on WebAssembly; run in Node and in a browser by `wasm-gradients.spec.ts`. */
import { blobHashOf } from '@tributary/fl-core';
import { createReferenceEngine } from '../../../packages/training/src/reference/reference-engine.ts';
import { compiledKernels, type KernelBuild } from '../../../packages/training/src/wasm/kernels.ts';
import { createWasmEngine } from '../../../packages/training/src/wasm/wasm-engine.ts';
import {
  EXAMPLES,
  gradientOf,
  MODEL_PROBLEMS,
  OPERATION_PROBLEMS,
} from '../../../packages/training/test/engine-problems.ts';
import { relativeDistance } from '../../../packages/training/test/small-problems.ts';

export interface WasmGradients {
  /** The build that runs when the relaxed one is asked for. */
  readonly fastest: KernelBuild | undefined;
  /** Norm-wise, from the reference engine in double precision. */
  readonly distances: Readonly<Record<string, { readonly strict: number; readonly fastest: number }>>;
  /** Of the bits of the strict build's gradients. */
  readonly digests: Readonly<Record<string, string>>;
}

export function wasmGradients(): WasmGradients {
  const distances: Record<string, { strict: number; fastest: number }> = {};
  const digests: Record<string, string> = {};
  for (const [name, problem] of Object.entries({ ...OPERATION_PROBLEMS, ...MODEL_PROBLEMS })) {
    const expected = gradientOf(createReferenceEngine, problem);
    const gradientIn = (build: KernelBuild): Float64Array =>
      gradientOf((spec) => createWasmEngine(spec, build)!, problem, { examplesPerPass: EXAMPLES });
    const strict = gradientIn('strict');
    distances[name] = {
      strict: relativeDistance(strict, expected),
      fastest: relativeDistance(gradientIn('relaxed'), expected),
    };
    digests[name] = blobHashOf(new Uint8Array(strict.buffer));
  }
  return { fastest: compiledKernels('relaxed')?.build, distances, digests };
}
