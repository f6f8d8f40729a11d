/** The compiled kernels (assembly/) as typed functions over one memory. */
import type { ConvolutionKernels } from './convolution-kernels.ts';
import type { GemmKernels } from './gemm-kernels.ts';
import type { MachinePeakKernels } from './machine-peak-kernels.ts';
import type { MaxPoolingKernels } from './max-pooling-kernels.ts';
import type { OperationKernels } from './operation-kernels.ts';
import { RELAXED_KERNELS_BASE64 } from './relaxed-kernels.generated.ts';
import { withSharedMemory } from './shared-memory-import.ts';
import { STRICT_KERNELS_BASE64 } from './strict-kernels.generated.ts';

/** Each source of `assembly/` has its exports described in one interface of its own. */
export interface Kernels
  extends ConvolutionKernels,
    GemmKernels,
    MachinePeakKernels,
    MaxPoolingKernels,
    OperationKernels {
  /** First address that the host may use. */
  heapBase(): number;
  /** Instances that share a memory keep what is theirs at different addresses; `heapBase` moves along. */
  moveHeap(address: number): void;
}

/**
 * Both builds come from one source. `strict` gives the same bits in every engine and on every processor, as simulations
 * want it; `relaxed` fuses multiplications and additions where the processor can.
 */
export type KernelBuild = 'strict' | 'relaxed';

export interface CompiledKernels {
  readonly build: KernelBuild;
  readonly module: WebAssembly.Module;
}

const EMBEDDED: Readonly<Record<KernelBuild, string>> = {
  strict: STRICT_KERNELS_BASE64,
  relaxed: RELAXED_KERNELS_BASE64,
};
/** Compiled once per build; null where the engine does not know its instructions. */
const modules = new Map<KernelBuild, WebAssembly.Module | null>();

/** The relaxed build where the engine has it, unless strict bits are asked for. Null without WebAssembly SIMD. */
export function compiledKernels(wanted: KernelBuild): CompiledKernels | null {
  const module = moduleOf(wanted);
  if (module !== null) return { build: wanted, module };
  return wanted === 'relaxed' ? compiledKernels('strict') : null;
}

/** The same code over a memory that threads share. */
export function sharedKernels(build: KernelBuild): WebAssembly.Module {
  return new WebAssembly.Module(withSharedMemory(bytesOf(build)));
}

export function instantiateKernels(
  { module }: Pick<CompiledKernels, 'module'>,
  memory: WebAssembly.Memory,
): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
}

/** A constant of the compiled module: asked before the size of the memory is known, of an instance on one page. */
export function heapBaseOf(compiled: CompiledKernels): number {
  return instantiateKernels(compiled, new WebAssembly.Memory({ initial: 1 })).heapBase();
}

function moduleOf(build: KernelBuild): WebAssembly.Module | null {
  let module = modules.get(build);
  if (module === undefined) {
    module = compile(build);
    modules.set(build, module);
  }
  return module;
}

function bytesOf(build: KernelBuild): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(EMBEDDED[build]), (character) => character.charCodeAt(0));
}

function compile(build: KernelBuild): WebAssembly.Module | null {
  if (typeof WebAssembly === 'undefined') return null;
  const bytes = bytesOf(build);
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}
