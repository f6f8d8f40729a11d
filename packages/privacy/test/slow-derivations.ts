/**
 * The derivations of SA-1 once more, slowly and from the text of the protocol: HKDF out of HMAC, AES-CTR out of single
 * blocks, numbers as BigInt. Shares no line with the code that it checks.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';

const le = (value: number, width: number) =>
  Buffer.from(Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n)));

/** Every field after its length in 4 bytes; the first field is the domain. */
export const slowTranscript = (...fields: (string | Uint8Array)[]) =>
  Buffer.concat(fields.flatMap((field) => [le(Buffer.from(field).length, 4), Buffer.from(field)]));

export const slowHash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** RFC 5869, sections 2.2 and 2.3. */
export function slowHkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer {
  const hmac = (key: Uint8Array, ...parts: Uint8Array[]) =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const key = hmac(salt.length > 0 ? salt : Buffer.alloc(32), ikm);
  const blocks: Buffer[] = [];
  while (blocks.length * 32 < length)
    blocks.push(hmac(key, blocks.at(-1) ?? Buffer.alloc(0), info, Buffer.of(blocks.length + 1)));
  return Buffer.concat(blocks).subarray(0, length);
}

/** AES-256 in counter mode: `bytes` of key stream from block `first` on, each block by itself. */
export function slowKeyStream(key: Uint8Array, first: bigint, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = first; blocks.length * 16 < bytes; block += 1n) {
    const counter = Buffer.from((block % 2n ** 128n).toString(16).padStart(32, '0'), 'hex');
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    blocks.push(Buffer.concat([cipher.update(counter), cipher.final()]));
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** The first elements of a mask: `bits` low bits of ceil(bits / 8) bytes each, little-endian. */
export function slowMask(key: Uint8Array, bits: number, length: number): bigint[] {
  const width = Math.ceil(bits / 8);
  const stream = slowKeyStream(key, 0n, width * length);
  return Array.from({ length }, (_, element) => {
    const bytes = [...stream.subarray(element * width, (element + 1) * width)];
    return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n) % 2n ** BigInt(bits);
  });
}

interface Names {
  readonly session: Uint8Array;
  readonly cohortRoot: Uint8Array;
}
const SUITE = le(1, 1);

export const slowPairMaskKey = (
  { session, cohortRoot }: Names,
  agreed: Uint8Array,
  [one, other]: readonly [number, number],
  vector: number,
) => {
  const [low, high] = one < other ? [one, other] : [other, one];
  const info = slowTranscript('SA-1/pair-mask', SUITE, cohortRoot, le(low, 2), le(high, 2), le(vector, 1));
  return slowHkdf(agreed, session, info, 32);
};

export const slowSelfMaskKey = (
  { session, cohortRoot }: Names,
  seed: Uint8Array,
  index: number,
  vector: number,
) =>
  slowHkdf(
    seed,
    session,
    slowTranscript('SA-1/self-mask', SUITE, cohortRoot, le(index, 2), le(vector, 1)),
    32,
  );

export function slowShareChannel(
  { session, cohortRoot }: Names,
  agreed: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
) {
  const info = slowTranscript('SA-1/share', SUITE, cohortRoot, le(from, 2), le(to, 2));
  const output = slowHkdf(agreed, session, info, 44);
  return {
    key: output.subarray(0, 32),
    nonce: output.subarray(32, 44),
    context: slowTranscript('SA-1/share', session, le(from, 2), le(to, 2)),
  };
}

export const slowShareCommitment = (
  { session }: Names,
  { from, to }: { readonly from: number; readonly to: number },
  kind: 0 | 1,
  share: Uint8Array,
) =>
  slowHash(slowTranscript('SA-1/share-commit', session, le(from, 2), le(to, 2), le(kind, 1), share)).subarray(
    0,
    16,
  );

interface SlowTask {
  readonly task: Uint8Array;
  readonly roundNumber: number;
  readonly modelHash: Uint8Array;
  readonly modelLog: Uint8Array;
  readonly minimumSurvivors: number;
  readonly vectors: readonly { readonly bits: number; readonly length: number }[];
}

export const slowOfferMessage = (
  { task, roundNumber, modelHash, modelLog }: SlowTask,
  ...keys: readonly Uint8Array[]
) => slowTranscript('SA-1/offer', SUITE, task, le(roundNumber, 4), modelHash, modelLog, ...keys);

export function slowSessionId(
  { task, roundNumber, modelHash, modelLog, minimumSurvivors, vectors }: SlowTask,
  root: Uint8Array,
  beacon: Uint8Array,
  n: number,
  graph: { readonly kind: string; readonly degree: number; readonly shareThreshold: number },
) {
  const { kind, degree, shareThreshold } = graph;
  const numbers = [degree, shareThreshold, minimumSurvivors, ...vectors.flatMap((v) => [v.bits, v.length])];
  const fields = [SUITE, task, le(roundNumber, 4), modelHash, modelLog, root, beacon, le(n, 4), kind];
  return slowHash(slowTranscript('SA-1/session', ...fields, ...numbers.map((number) => le(number, 4))));
}
