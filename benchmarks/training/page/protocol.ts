/** What the benchmark, its page and the page's workers say to each other. */
import { MEASURED_BACKENDS, type MeasuredBackendName } from '@tributary/training/roofline';
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
  | { readonly ok: true; readonly value: CannotTrain | null | number | ProgramFacts | Peaks }
  | { readonly ok: false; readonly message: string };

/** Global in the page; each program has a worker of its own. */
export interface BenchmarkPage {
  /** @returns the handle for the other two, or why the program cannot train this */
  open(program: ProgramName, workload: Workload): Promise<number | CannotTrain>;
  peaks(engine: EngineName): Promise<Peaks>;
  run(handle: number, steps: number): Promise<number>;
  close(handle: number): Promise<ProgramFacts>;
}
