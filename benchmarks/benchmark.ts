/** What a benchmark is: a module with a `run` that gives flat rows. Times in seconds unless a name says otherwise. */
export type BenchmarkRow = Readonly<Record<string, string | number | boolean | null>>;

export interface BenchmarkOptions {
  /** A look in a few seconds instead of figures to publish. */
  readonly quick: boolean;
}

export interface Benchmark {
  run(options: BenchmarkOptions): BenchmarkRow[] | Promise<BenchmarkRow[]>;
}
