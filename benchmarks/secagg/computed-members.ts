/**
 * Members of SA-1 whose masks are not expanded, so that sums of a thousand can be measured: in a sum nearly all masks
 * cancel. They run the protocol as the others do; instead of expanding its masks each writes down their keys and signs, and the
 * last of them adds to its own input the masks that no other of them cancels.
 *
 * The coordinator gets a vector of the right size from each, and a sum that is masked as it would be. It knows
 * nothing of these keys: what it takes off again it rebuilds from shares.
 */
import { createCipheriv } from 'node:crypto';
import { createLaneSum, type RingVector } from '@tributary/compression';
import type { Mask, SecAggCrypto } from '@tributary/privacy';
import type { RingSum } from '@tributary/privacy/protocols';

export interface ComputedMembers {
  readonly openRing: (length: number, bits: number) => RingSum;
  /** Names key streams instead of expanding them. */
  cryptoFor(crypto: SecAggCrypto): SecAggCrypto;
}

/** @param count how many of them will mask their input */
export function computedMembers(count: number): ComputedMembers {
  const keys = new WeakMap<ArrayBufferLike, Uint8Array>();
  const ledgers = new Map<string, Ledger>();
  return {
    cryptoFor: (own) => ({
      ...own,
      maskStream: (key) => {
        const name = new Uint8Array(1);
        // Erased by its owner once the vectors are masked.
        keys.set(name.buffer, key.slice());
        return { read: () => name };
      },
    }),
    openRing: (length, bits) => {
      const ledger = ledgers.get(`${length}/${bits}`) ?? { uncancelled: new Map(), done: 0 };
      ledgers.set(`${length}/${bits}`, ledger);
      return namedRing(createLaneSum(length, bits), { keys, ledger, count });
    },
  };
}

interface Ledger {
  readonly uncancelled: Map<string, Mask>;
  /** Members that are done. */
  done: number;
}

function namedRing(
  ring: RingVector,
  options: {
    readonly keys: WeakMap<ArrayBufferLike, Uint8Array>;
    readonly ledger: Ledger;
    readonly count: number;
  },
): RingSum {
  const { keys, ledger, count } = options;
  const note = (bytes: Uint8Array, at: number, sign: 1 | -1): void => {
    if (at > 0) return;
    const key = keys.get(bytes.buffer)!;
    const name = Buffer.from(key).toString('hex');
    // The other end of the pair has the same key with the other sign.
    if (!ledger.uncancelled.delete(name)) ledger.uncancelled.set(name, { key, sign });
  };
  return {
    length: ring.length,
    laneBytes: ring.laneBytes,
    add: (bytes, at) => note(bytes, at, 1),
    subtract: (bytes, at) => note(bytes, at, -1),
    addValues: (values) => ring.addValues(values),
    addPacked: (bytes) => ring.addPacked(bytes),
    signedValues: () => ring.signedValues(),
    packed: () => {
      ledger.done += 1;
      if (ledger.done === count) expand(ring, [...ledger.uncancelled.values()]);
      return ring.packed();
    },
  };
}

const CHUNK_ELEMENTS = 32_768;

function expand(ring: RingVector, masks: readonly Mask[]): void {
  const ciphers = masks.map(({ key }) => createCipheriv('aes-256-ctr', key, new Uint8Array(16)));
  for (let at = 0; at < ring.length; at += CHUNK_ELEMENTS) {
    const zeros = new Uint8Array(Math.min(CHUNK_ELEMENTS, ring.length - at) * ring.laneBytes);
    for (const [index, { sign }] of masks.entries()) {
      const bytes = ciphers[index]!.update(zeros);
      if (sign > 0) ring.add(bytes, at);
      else ring.subtract(bytes, at);
    }
  }
}
