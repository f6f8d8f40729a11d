/** The benchmarks by name. Every figure that the documentation states comes from one of these. */
import type { Benchmark, BenchmarkSettings } from './benchmark.ts';

export interface BenchmarkEntry {
  readonly summary: string;
  /** Which settings it takes. */
  readonly settings?: readonly (keyof BenchmarkSettings)[];
  load(): Promise<Benchmark>;
}

export const BENCHMARKS: Readonly<Record<string, BenchmarkEntry>> = {
  aggregate: {
    summary: 'exact weighted sums: integers in float64 against BigInt64Array',
    load: () => import('./aggregate.ts'),
  },
  compression: {
    summary: 'what each code of updates loses for its bits, and its speed, in Node and in a browser worker',
    settings: ['data'],
    load: () => import('./compression/index.ts'),
  },
  'compression-accuracy': {
    summary:
      'what each code costs in accuracy and rounds, and sends, beside float32 updates of the same seed',
    settings: ['data', 'seeds', 'only', 'results'],
    load: () => import('./compression-accuracy/index.ts'),
  },
  feedback: {
    summary:
      'how long a person waits for an answer to a click, and for progress, in a browser beside the demo',
    load: () => import('./feedback/index.ts'),
  },
  frame: {
    summary: 'tensor frames against JSON: encoding, decoding, size',
    load: () => import('./frame.ts'),
  },
  load: {
    summary: 'the coordinator under load: a burst of uploads, idle participants, joins, hostile connections',
    load: () => import('./load/index.ts'),
  },
  ring: {
    summary: 'sums modulo 2^b: adding, packing and quantising on one core, against a plain loop and a copy',
    load: () => import('./ring.ts'),
  },
  secagg: {
    summary:
      'secure sums: what SA-1 and LightSecAgg cost each side, by cohort, parameters, ring and drop-out',
    load: () => import('./secagg/index.ts'),
  },
  simulate: {
    summary: 'rounds per second of the simulator, with and without training',
    load: () => import('./simulate.ts'),
  },
  training: {
    summary: 'training steps in a browser: our engines beside tfjs and PyTorch, by model and batch',
    load: () => import('./training/index.ts'),
  },
};
