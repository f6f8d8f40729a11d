/** What is to be summed, for which round of which task: both sides compute it from the manifest, and a device signs it. */
export interface SumTask {
  /** 32 bytes: `taskHash` of the run and its manifest. */
  readonly task: Uint8Array;
  readonly roundNumber: number;
  /** 32 bytes: SHA-256 of the model that everybody trained from. */
  readonly modelHash: Uint8Array;
  /** 32 bytes: the head of the log of all models so far. */
  readonly modelLog: Uint8Array;
  /** The update, then its tail. */
  readonly vectors: readonly VectorShape[];
  readonly maximumCohort: number;
  readonly minimumSurvivors: number;
  /** How many of the members may work with the coordinator, and how many may drop out. */
  readonly corruptFraction: number;
  readonly dropoutFraction: number;
  readonly adversary: 'semi-honest' | 'semi-malicious';
  readonly graph: 'auto' | 'complete';
}

/** A vector in Z_2^bits. */
export interface VectorShape {
  /** 1..32. */
  readonly bits: number;
  /** Elements. */
  readonly length: number;
}
