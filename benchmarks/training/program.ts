/** One side of a comparison: something that trains a workload, ready to be timed. */
export interface Program {
  /** Trains that many steps. @returns seconds */
  run(steps: number): Promise<number>;
  /** What it says about itself when it is done, e.g. dispatches per step. */
  close(): Promise<ProgramFacts>;
}

export interface ProgramFacts {
  readonly dispatchesPerStep?: number;
}

/** What a program cannot train: no fault, but a line in the table. */
export interface CannotTrain {
  readonly reason: string;
}
