/** The compiled kernels (assembly/) as typed functions over a memory. */
import { RING_KERNELS_BASE64 } from './kernels.generated.ts';

/** Addresses count bytes; see assembly/ for what each does. */
export interface RingKernels {
  addLanes1(sum: number, lanes: number, count: number): void;
  addLanes2(sum: number, lanes: number, count: number): void;
  addLanes3(sum: number, lanes: number, count: number): void;
  addLanes4(sum: number, lanes: number, count: number): void;
  subtractLanes1(sum: number, lanes: number, count: number): void;
  subtractLanes2(sum: number, lanes: number, count: number): void;
  subtractLanes3(sum: number, lanes: number, count: number): void;
  subtractLanes4(sum: number, lanes: number, count: number): void;
  addPacked1(sum: number, packed: number, count: number, bits: number, table: number): void;
  addPacked2(sum: number, packed: number, count: number, bits: number, table: number): void;
  addPacked4(sum: number, packed: number, count: number, bits: number, table: number): void;
  addPacked5(sum: number, packed: number, count: number, bits: number): void;
  roundClipped(
    values: number,
    words: number,
    count: number,
    factor: number,
    levels: number,
    rounded: number,
  ): number;
  roundUnclipped(values: number, words: number, count: number, factor: number, rounded: number): number;
  addValues1(sum: number, values: number, count: number): void;
  addValues2(sum: number, values: number, count: number): void;
  pack1(sum: number, count: number, bits: number, width: number, packed: number): void;
  pack2(sum: number, count: number, bits: number, width: number, packed: number): void;
  pack4(sum: number, count: number, bits: number, width: number, packed: number): void;
}

export interface RingKernelsInMemory {
  readonly kernels: RingKernels;
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

/** Compiled once; null where the engine has no WebAssembly SIMD. */
let compiled: object | null | undefined;

/** Kernels over a new memory of at least `bytes`, all zeros; null where they cannot run. */
export function openRingKernels(bytes: number): RingKernelsInMemory | null {
  if (!WebAssembly) return null;
  compiled ??= compile(WebAssembly);
  if (compiled === null) return null;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { kernels: exports as RingKernels, buffer: memory.buffer };
}

function compile({ validate, Module }: WebAssemblyTypes): object | null {
  const bytes = Uint8Array.from(atob(RING_KERNELS_BASE64), (character) => character.charCodeAt(0));
  return validate(bytes) ? new Module(bytes) : null;
}
