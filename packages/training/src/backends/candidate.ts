import type { BackendName, BackendReport, PassedOverBackend, Trainer } from '@tributary/fl-core';

export interface BackendOptions {
  /** Takes WebGPU and WebGL even where a CPU emulates them (SwiftShader, llvmpipe); those are slower than WASM. */
  readonly allowSoftwareAdapter?: boolean;
  /** Where the `.wasm` files of tfjs lie: a folder ending in `/`, or a URL for each file name. Uploaded models need them. */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
  /**
   * The same request gives the same bits on every machine with WebAssembly SIMD. Otherwise relaxed SIMD is used where the
   * engine has it, which is faster and rounds as the processor does.
   */
  readonly sameBits?: boolean;
  /**
   * The most threads that WebAssembly may train on. By default up to 4 in a page that is cross-origin isolated, else one; with
   * `sameBits` always one.
   */
  readonly maximumThreads?: number;
  /** The most memory that training may take, in bytes; smaller passes take less and give the same gradient. */
  readonly memoryBudgetBytes?: number;
}

/** A backend that may turn out to be able to train a model here. */
export interface Candidate {
  readonly name: BackendName;
  open(): Promise<OpenedCandidate>;
}

export type OpenedCandidate =
  | { readonly usable: true; createTrainer(passedOver: BackendReport['passedOver']): Trainer }
  | ({ readonly usable: false } & Omit<PassedOverBackend, 'name'>);
