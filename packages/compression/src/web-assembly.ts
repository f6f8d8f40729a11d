/** Compiled kernels as typed functions over a memory of their own. */

export interface KernelsInMemory<Kernels> {
  readonly kernels: Kernels;
  readonly buffer: ArrayBuffer;
}

/** WebAssembly computes and reaches nothing, so a pure package may run it; only its types come with a platform. */
interface WebAssemblyTypes {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { WebAssembly, atob } = globalThis as unknown as {
  readonly WebAssembly?: WebAssemblyTypes;
  atob(text: string): string;
};

const PAGE_BYTES = 65_536;

/**
 * @param base64 of a module that imports its memory
 * @returns kernels over a new memory of at least `bytes`, all zeros; null where there is no WebAssembly SIMD. What is compiled
 * once is kept.
 */
export function kernelsOf<Kernels>(base64: string): (bytes: number) => KernelsInMemory<Kernels> | null {
  let compiled: object | null | undefined;
  return (bytes) => {
    if (!WebAssembly) return null;
    compiled ??= compile(WebAssembly, base64);
    if (compiled === null) return null;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    return { kernels: exports as Kernels, buffer: memory.buffer };
  };
}

function compile({ validate, Module }: WebAssemblyTypes, base64: string): object | null {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return validate(bytes) ? new Module(bytes) : null;
}
