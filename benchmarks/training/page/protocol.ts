/** What the benchmark, its page and the page's workers say to each other. */
import type { BuiltInModelSpec } from '@tributary/fl-core';
import { MEASURED_BACKENDS, type MeasuredBackendName, type TypicalModel } from '@tributary/training/roofline';
import type { CannotTrain, ProgramFacts } from '../program.ts';
import type { Workload } from '../workload.ts';

export type EngineName = MeasuredBackendName;
export type ProgramName = EngineName | 'tfjs-cpu' | 'tfjs-wasm' | 'tfjs-webgpu';
export const PROGRAMS: readonly ProgramName[] = [
  ...MEASURED_BACKENDS,
  'tfjs-cpu',
  'tfjs-wasm',
  'tfjs-webgpu',
];

export type Question =
  | { readonly kind: 'open'; readonly program: ProgramName; readonly workload: Workload }
  | { readonly kind: 'peaks'; readonly engine: EngineName }
  | { readonly kind: 'update'; readonly model: TypicalModel; readonly turns: number }
  | {
      readonly kind: 'memory';
      readonly engine: EngineName;
      readonly model: BuiltInModelSpec;
      readonly steps: number;
    }
  | { readonly kind: 'run'; readonly steps: number }
  | { readonly kind: 'close' };

/** Floating-point operations per second that a backend reaches at most; null where it does not run. */
export interface Peaks {
  readonly multiplyAdds: number | null;
  /** Of the fastest product of matrices. */
  readonly matrixProduct: number | null;
}

/** In the order of the questions; `open` is answered with null or the reason why not. */
export type Answer =
  | { readonly ok: true; readonly value: AnswerValue }
  | { readonly ok: false; readonly message: string }
  /** On the way, as from the product's worker: progress and checkpoints. */
  | { readonly ok: 'reported'; readonly message: unknown };
export type AnswerValue = CannotTrain | null | number | ProgramFacts | Peaks | UpdateTimes | MemoryUse;

/** Of the same training, in turns. */
export interface UpdateTimes {
  readonly bareSeconds: readonly number[];
  readonly updateSeconds: readonly number[];
}

/** In bytes. */
export interface MemoryUse {
  readonly planned: number;
  /** The most that WebAssembly memories or GPU buffers held at any time. */
  readonly tracked: number;
  /** Between the first step and the last. */
  readonly grown: number;
}

/** Of the product's trainer, which takes threads only where they pay. */
export interface ThreadTimes {
  readonly maximumThreads: number;
  /** What it ran on. */
  readonly adapter: string;
  readonly secondsPerExample: readonly number[];
}

/** Global in the page; each program has a worker of its own. */
export interface BenchmarkPage {
  /** @returns the handle for the other two, or why the program cannot train this */
  open(program: ProgramName, workload: Workload): Promise<number | CannotTrain>;
  peaks(engine: EngineName): Promise<Peaks>;
  /** Also the longest task of the page meanwhile, in milliseconds; 0 when none took 50. */
  update(model: TypicalModel, turns: number): Promise<UpdateTimes & { readonly longestTaskMs: number }>;
  /** Null where the engine does not run. */
  memory(engine: EngineName, model: BuiltInModelSpec, steps: number): Promise<MemoryUse | null>;
  threads(workload: Workload, turns: number, epochs: number): Promise<ThreadTimes[]>;
  run(handle: number, steps: number): Promise<number>;
  close(handle: number): Promise<ProgramFacts>;
}
