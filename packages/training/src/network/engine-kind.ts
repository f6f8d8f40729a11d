import type { BackendName, BackendReport } from '@tributary/fl-core';
import type { Engine, EngineSpec, Settling } from './engine.ts';
import type { MemoryLayout } from './memory-plan.ts';
import type { Network } from './network.ts';

/** A way of running networks on this machine, before any network is there. */
export interface EngineKind {
  readonly name: BackendName;
  /** What it runs on, e.g. `WebAssembly SIMD`. */
  readonly adapter: string;
  /** What its engines have had to give up, e.g. threads; nothing where it says nothing. Changes while they train, as `adapter` may. */
  readonly passedOver?: BackendReport['passedOver'];
  readonly layout: MemoryLayout;
  /** In mixed precision; engines without it train in float32. */
  readonly mixedLayout?: (network: Network) => MemoryLayout;
  /** Beyond so many examples a pass only takes more memory. */
  readonly largestPass: number;
  /**
   * `gpu`: steps are queued, and every reading waits for those before it; so losses are read a few times a second.
   * `thread`: a step is done when it returns.
   */
  readonly runsOn: 'thread' | 'gpu';
  create(spec: EngineSpec): Settling<Engine>;
  /** Gives back what its engines share (a device, memories), when none of them is in use. */
  close(): void;
}
