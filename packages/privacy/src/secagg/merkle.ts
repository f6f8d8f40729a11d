/**
 * The root of a Merkle tree as in RFC 6962, section 2.1: the hash of a leaf begins with 0x00 and that of a node with
 * 0x01, so no list of leaves has the root of another.
 */
import { sha256 } from '@noble/hashes/sha2.js';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @returns 32 bytes */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  return rootOf(leaves, 0, leaves.length);
}

/** Of the leaves from `from` to before `to`; the left side of a node is as full as it can be. */
function rootOf(leaves: readonly Uint8Array[], from: number, to: number): Uint8Array {
  if (to - from === 1) return sha256.create().update(LEAF).update(leaves[from]!).digest();
  let left = 1;
  while (left * 2 < to - from) left *= 2;
  const node = sha256.create().update(NODE);
  return node
    .update(rootOf(leaves, from, from + left))
    .update(rootOf(leaves, from + left, to))
    .digest();
}
