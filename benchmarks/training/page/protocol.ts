/** What the benchmark, its page and the page's workers say to each other. */
import type { CannotTrain, ProgramFacts } from '../program.ts';
import type { Workload } from '../workload.ts';

export const PROGRAMS = ['tfjs-cpu', 'tfjs-wasm', 'tfjs-webgpu'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

export type Question =
  | { readonly kind: 'open'; readonly program: ProgramName; readonly workload: Workload }
  | { readonly kind: 'run'; readonly steps: number }
  | { readonly kind: 'close' };

/** In the order of the questions; `open` is answered with null or the reason why not. */
export type Answer =
  | { readonly ok: true; readonly value: CannotTrain | null | number | ProgramFacts }
  | { readonly ok: false; readonly message: string };

/** Global in the page; each program has a worker of its own. */
export interface BenchmarkPage {
  /** @returns the handle for the other two, or why the program cannot train this */
  open(program: ProgramName, workload: Workload): Promise<number | CannotTrain>;
  run(handle: number, steps: number): Promise<number>;
  close(handle: number): Promise<ProgramFacts>;
}
