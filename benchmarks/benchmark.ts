/** What a benchmark is: a module with a `run` that gives flat rows. Times in seconds unless a name says otherwise. */
export type BenchmarkRow = Readonly<Record<string, string | number | boolean | null>>;

export interface BenchmarkOptions extends BenchmarkSettings {
  /** A look in a few seconds instead of figures to publish. */
  readonly quick: boolean;
}

/** What some benchmarks take besides; each is refused by those that do not name it. */
export interface BenchmarkSettings {
  /** A folder with the data files that the benchmark prefers to generated data. */
  readonly data?: string;
  /** How many seeds are run. */
  readonly seeds?: string;
  /** Only rows whose name contains this. */
  readonly only?: string;
  /** A file where finished parts are kept, so that a run that was broken off goes on from there. */
  readonly results?: string;
}

export interface Benchmark {
  run(options: BenchmarkOptions): BenchmarkRow[] | Promise<BenchmarkRow[]>;
}
