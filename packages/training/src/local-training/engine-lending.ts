/**
 * Engines are lent, because making one takes its whole memory (a WebAssembly memory reserves gigabytes of address space) or
 * compiles shaders, and a simulation trains thousands of times. A lent engine is nobody else's until it is given back,
 * and every borrower loads its own parameters before it reads any.
 */
import type { BuiltInModelSpec } from '@tributary/fl-core';
import type { Engine, EngineSpec, Settling } from '../network/engine.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import { networkOf } from '../network/network-of.ts';

const MAXIMUM_IDLE = 4;

interface Entry {
  readonly kind: EngineKind;
  readonly key: string;
  readonly engine: Engine;
}
const idle: Entry[] = [];

export type EngineWish = Omit<EngineSpec, 'network'> & { readonly model: BuiltInModelSpec };

export interface EngineLending {
  borrow(wish: EngineWish): Settling<Engine>;
  /** Ends every loan. Engines that may be spoilt (a device was lost, a step failed) are disposed instead of kept. */
  end(how: 'keep' | 'dispose'): void;
}

export function lendEngines(kind: EngineKind): EngineLending {
  const lent: Entry[] = [];
  const lend = (key: string, engine: Engine): Engine => {
    lent.push({ kind, key, engine });
    return engine;
  };
  return {
    borrow(wish) {
      const key = JSON.stringify(wish);
      const found = idle.findIndex((entry) => entry.kind === kind && entry.key === key);
      if (found >= 0) return lend(key, idle.splice(found, 1)[0].engine);
      const { model, ...spec } = wish;
      const made = kind.create({ ...spec, network: networkOf(model) });
      return made instanceof Promise ? made.then((engine) => lend(key, engine)) : lend(key, made);
    },
    end(how) {
      const ended = lent.splice(0);
      if (how === 'keep') idle.unshift(...ended);
      const dropped = how === 'keep' ? idle.splice(MAXIMUM_IDLE) : ended;
      for (const { engine } of dropped) engine.dispose();
    },
  };
}

/** Frees the memory of engines of this kind that nobody holds. */
export function disposeIdleEngines(kind: EngineKind): void {
  for (let index = idle.length - 1; index >= 0; index -= 1) {
    if (idle[index].kind === kind) idle.splice(index, 1)[0].engine.dispose();
  }
}
