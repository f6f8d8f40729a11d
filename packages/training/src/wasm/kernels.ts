/** The compiled kernels (assembly/) as typed functions over one memory. */
import type { ConvolutionKernels } from './convolution-kernels.ts';
import type { GemmKernels } from './gemm-kernels.ts';
import type { MachinePeakKernels } from './machine-peak-kernels.ts';
import type { MaxPoolingKernels } from './max-pooling-kernels.ts';
import type { OperationKernels } from './operation-kernels.ts';
import { RELAXED_KERNELS_BASE64 } from './relaxed-kernels.generated.ts';
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

export function instantiateKernels({ module }: CompiledKernels, memory: WebAssembly.Memory): Kernels {
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
    module = compile(EMBEDDED[build]);
    modules.set(build, module);
  }
  return module;
}

function compile(base64: string): WebAssembly.Module | null {
  if (typeof WebAssembly === 'undefined') return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}
