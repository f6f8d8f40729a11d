/**
 * Memories with the kernels that work on them. A browser reserves gigabytes of address space for each, and takes its time to
 * give that back; so while any engine lives, memories of disposed ones are kept, and grow when the next engine needs more.
 */
import { TributaryError } from '@tributary/fl-core';
import {
  type CompiledKernels,
  compiledKernels,
  heapBaseOf,
  instantiateKernels,
  type KernelBuild,
  type Kernels,
} from './kernels.ts';

const PAGE_BYTES = 65_536;
const ALIGNMENT_BYTES = 64;
const MAXIMUM_IDLE = 2;

export interface Arena {
  readonly build: KernelBuild;
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  /** First address of the borrower, who finds whatever the last one left. */
  readonly base: number;
}

let idle: Arena[] = [];
const bases = new Map<KernelBuild, number>();
let lentCount = 0;

/**
 * At least `bytes` behind the base, until given back; null where WebAssembly SIMD cannot run.
 * @throws TributaryError `model-unsupported` when there is not so much memory
 */
export function lendArena(wanted: KernelBuild, bytes: number): Arena | null {
  const compiled = compiledKernels(wanted);
  if (compiled === null) return null;
  const arena = takeIdle(compiled.build) ?? createArena(compiled);
  lentCount += 1;
  const missing = arena.base + bytes - arena.memory.buffer.byteLength;
  try {
    if (missing > 0) arena.memory.grow(Math.ceil(missing / PAGE_BYTES));
  } catch {
    giveBackArena(arena);
    throw new TributaryError(
      'model-unsupported',
      `training this model takes ${Math.ceil(bytes / 1e6)} MB, more than there is`,
    );
  }
  return arena;
}

/** Bytes of the memory that a first borrower of so large an arena causes to be there; as many as asked where nothing can run. */
export function memoryForArena(wanted: KernelBuild, bytes: number): number {
  const compiled = compiledKernels(wanted);
  if (compiled === null) return bytes;
  return Math.ceil((baseOf(compiled) + bytes) / PAGE_BYTES) * PAGE_BYTES;
}

function baseOf(compiled: CompiledKernels): number {
  const known = bases.get(compiled.build);
  if (known !== undefined) return known;
  const base = Math.ceil(heapBaseOf(compiled) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  bases.set(compiled.build, base);
  return base;
}

export function giveBackArena(arena: Arena): void {
  lentCount -= 1;
  if (lentCount === 0) idle = [];
  else if (idle.length < MAXIMUM_IDLE) idle.push(arena);
}

function takeIdle(build: KernelBuild): Arena | undefined {
  const found = idle.findIndex((arena) => arena.build === build);
  return found < 0 ? undefined : idle.splice(found, 1)[0];
}

function createArena(compiled: CompiledKernels): Arena {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernels = instantiateKernels(compiled, memory);
  return { build: compiled.build, kernels, memory, base: baseOf(compiled) };
}
