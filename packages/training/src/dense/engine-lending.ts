/**
 * Engines are lent, because making one takes a WebAssembly memory, for which a browser reserves gigabytes of address
 * space, and a simulation trains thousands of times. A lent engine is nobody else's until it is given back, and
 * every borrower loads its own parameters before it reads any.
 */
import type { CreateDenseEngine, DenseEngine, DenseEngineSpec } from './engine.ts';
import { createPlainEngine } from './plain-engine.ts';
import { createWasmEngine } from './wasm-engine.ts';

const MAXIMUM_IDLE = 4;
const idle: { readonly key: string; readonly engine: DenseEngine }[] = [];

export interface EngineLending {
  readonly create: CreateDenseEngine;
  giveBack(): void;
}

export function lendEngines(): EngineLending {
  const lent: { key: string; engine: DenseEngine }[] = [];
  return {
    create(spec) {
      const key = keyOf(spec);
      const found = idle.findIndex((entry) => entry.key === key);
      const engine =
        found < 0 ? (createWasmEngine(spec) ?? createPlainEngine(spec)) : idle.splice(found, 1)[0].engine;
      lent.push({ key, engine });
      return engine;
    },
    giveBack() {
      idle.unshift(...lent.splice(0));
      idle.length = Math.min(idle.length, MAXIMUM_IDLE);
    },
  };
}

/** Frees the memory of engines that nobody holds. */
export function dropIdleEngines(): void {
  idle.length = 0;
}

function keyOf({ model, optimiser, batchSize }: DenseEngineSpec): string {
  return JSON.stringify([model, optimiser, batchSize]);
}
