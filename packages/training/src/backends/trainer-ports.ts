/** What a trainer asks and tells outside of its calls. */
import type { BackendReport } from '@tributary/fl-core';
import type { ThreadSource } from '../wasm-threads/thread-source.ts';

export interface TrainerPorts {
  /** Without it every start tests all kernels again. */
  readonly selfTests?: SelfTestMemory;
  /** A backend was lost, or its threads, and the trainer works on this one now. */
  readonly onBackend?: (backend: BackendReport) => void;
}

/** Of a trainer on the calling thread. */
export interface LocalTrainerPorts extends TrainerPorts {
  /** Without it training stays on one thread. */
  readonly threads?: ThreadSource;
}

/** Outcomes of earlier self-tests of this very code on this device: who keeps them forgets those of other versions. */
export interface SelfTestMemory {
  readonly known: Readonly<Record<string, SelfTestOutcome>>;
  remember(key: string, outcome: SelfTestOutcome): void;
}

export type SelfTestOutcome =
  | { readonly passed: true }
  | {
      readonly passed: false;
      readonly kernel: string;
      /** L2 distance from the reference over its norm; null for what is not a number. */
      readonly relativeError: number | null;
    };
