/**
 * Error feedback: what a code loses is kept on the device and added to its next update, so that it arrives later instead of
 * never (Seide et al. 2014, section 3.2; Karimireddy et al. 2019, algorithm 2). The memory is a value: whoever calls keeps it,
 * and decides whether the round that it belongs to counted.
 *
 * A residual belongs to the model that it was computed for. Between rounds the model moves, and after a long absence the
 * residual points somewhere else: it expires.
 */

/** What a device keeps of its last code. Says as much of the device's data as an update does: never leaves it. */
export interface CodecMemory {
  /** The round whose update left this behind. */
  readonly roundNumber: number;
  /** One element for each parameter. */
  readonly residual: Float32Array;
  /** Momentum of each parameter that waits to be sent (top-k). */
  readonly velocity?: Float32Array;
  /** Right factors of each matrix, one after another: where the next power iteration begins (PowerSGD). */
  readonly basis?: Float32Array;
}

interface Expiry {
  readonly roundNumber: number;
  readonly expiresAfterRounds: number;
}

/** The memory, or null when it is too old, of a later round than this one, or of a model of another size. */
export function unexpired(
  memory: CodecMemory | null,
  { roundNumber, expiresAfterRounds, length }: Expiry & { readonly length: number },
): CodecMemory | null {
  if (memory === null || memory.residual.length !== length) return null;
  const age = roundNumber - memory.roundNumber;
  return age > 0 && age <= expiresAfterRounds ? memory : null;
}

/** delta + residual, in an array of its own; the delta alone when the memory has expired. */
export function withResidual(
  delta: Float32Array,
  memory: CodecMemory | null,
  expiry: Expiry,
): Float32Array<ArrayBuffer> {
  const carried = new Float32Array(delta);
  const residual = unexpired(memory, { ...expiry, length: delta.length })?.residual;
  if (residual === undefined) return carried;
  for (let i = 0; i < carried.length; i += 1) carried[i] = carried[i]! + residual[i]!;
  return carried;
}

/** carried - decoded: what the coordinator did not get of what was meant for it. */
export function residualOf(carried: Float32Array, decoded: Float32Array): Float32Array<ArrayBuffer> {
  const residual = new Float32Array(carried.length);
  for (let i = 0; i < residual.length; i += 1) residual[i] = carried[i]! - decoded[i]!;
  return residual;
}
