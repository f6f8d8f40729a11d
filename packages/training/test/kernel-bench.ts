/** Kernels over a memory of their own, for tests that call them one by one. */
import {
  compiledKernels,
  heapBaseOf,
  instantiateKernels,
  type KernelBuild,
  type Kernels,
} from '../src/wasm/kernels.ts';

const PAGE_BYTES = 65_536;
const GUARD = 123.25;

export interface KernelBench {
  readonly kernels: Kernels;
  /** Address of a copy, followed by guards. */
  place(values: ArrayLike<number>): number;
  /** Address of `bytes` filled with what no kernel should take for zeros. */
  scratch(bytes: number): number;
  read(address: number, count: number): Float32Array;
  /** Whether a kernel wrote behind the `count` floats at an address that `place` gave. */
  isGuarded(address: number, count: number): boolean;
}

export function kernelBench(pages = 160, build: KernelBuild = 'strict'): KernelBench {
  const compiled = compiledKernels(build)!;
  const memory = new WebAssembly.Memory({ initial: pages });
  const floats = new Float32Array(memory.buffer);
  if (pages * PAGE_BYTES <= heapBaseOf(compiled)) throw new Error('no memory left beside the tables');
  let next = Math.ceil(heapBaseOf(compiled) / 64) * 64;
  const take = (bytes: number): number => {
    const address = next;
    next += Math.ceil(bytes / 64) * 64;
    if (next > memory.buffer.byteLength) throw new Error('this bench has too few pages');
    floats.fill(GUARD, address / 4, next / 4);
    return address;
  };
  return {
    kernels: instantiateKernels(compiled, memory),
    place(values) {
      const address = take(4 * values.length + 64);
      floats.set(values, address / 4);
      return address;
    },
    scratch: take,
    read: (address, count) => floats.slice(address / 4, address / 4 + count),
    isGuarded: (address, count) =>
      floats.subarray(address / 4 + count, address / 4 + count + 16).every((value) => value === GUARD),
  };
}

/** Norm of the difference, relative to what is expected unless that is zero. */
export function distance(actual: Float32Array, expected: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (const [at, value] of actual.entries()) {
    difference += (value - expected[at]!) ** 2;
    norm += expected[at]! ** 2;
  }
  return Math.sqrt(difference / (norm || 1));
}
