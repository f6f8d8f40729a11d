import { SecAggError } from './errors.ts';

/** One neighbour's signature under the survivors, as `unmaskRequested` carries it: index (u16, little-endian), signature. */
export interface Confirmation {
  readonly index: number;
  /** Ed25519, 64 bytes, over `survivorsMessage`. */
  readonly signature: Uint8Array;
}

const INDEX_BYTES = 2;
const SIGNATURE_BYTES = 64;
const CONFIRMATION_BYTES = INDEX_BYTES + SIGNATURE_BYTES;

/** @param confirmations ascending by index */
export function writeConfirmations(confirmations: readonly Confirmation[]): Uint8Array {
  const bytes = new Uint8Array(confirmations.length * CONFIRMATION_BYTES);
  for (const [i, { index, signature }] of confirmations.entries()) {
    const at = i * CONFIRMATION_BYTES;
    bytes.set([index & 0xff, index >> 8], at);
    bytes.set(signature, at + INDEX_BYTES);
  }
  return bytes;
}

/** @throws SecAggError `secagg-message-malformed`, also when indices do not ascend: nobody is counted twice */
export function readConfirmations(bytes: Uint8Array): readonly Confirmation[] {
  const count = bytes.length / CONFIRMATION_BYTES;
  const confirmations = Array.from({ length: Math.ceil(count) }, (_, i) => {
    const at = i * CONFIRMATION_BYTES;
    const signature = bytes.subarray(at + INDEX_BYTES, at + CONFIRMATION_BYTES);
    return { index: bytes[at]! | (bytes[at + 1]! << 8), signature };
  });
  const areAscending = confirmations.every(({ index }, i) => i === 0 || confirmations[i - 1]!.index < index);
  if (Number.isInteger(count) && areAscending) return confirmations;
  throw new SecAggError('secagg-message-malformed', 'confirmations are not a list that ascends by index');
}
