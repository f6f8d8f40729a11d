/** The exports of assembly/machine-peak.ts. */
type Address = number;

export interface MachinePeakKernels {
  /** `rounds` x 48 multiply-adds. */
  multiplyAddPeak(rounds: number): number;
  /** `count` is a multiple of 4. */
  triad(count: number, scale: number, x: Address, y: Address, target: Address): void;
}
