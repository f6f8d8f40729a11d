/** What is to be summed, for which round of which task: known to both sides before anybody offers a key. */
export interface LightTask {
  /** 32 bytes: hash of run and manifest. */
  readonly task: Uint8Array;
  readonly roundNumber: number;
  /** 32 bytes each: the model that everybody trained from, and the head of the log of all models so far. */
  readonly modelHash: Uint8Array;
  readonly modelLog: Uint8Array;
  /** Elements. */
  readonly length: number;
  /** No element of an input is larger in size. */
  readonly bound: number;
  /** Fewer, and this device answers no more. */
  readonly minimumSurvivors: number;
  /** How many of the members may conspire with the coordinator, and how many may drop out. */
  readonly corruptFraction: number;
  readonly dropoutFraction: number;
}
