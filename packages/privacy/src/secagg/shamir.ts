/**
 * Shamir's secret sharing (How to share a secret, 1979), byte by byte over GF(2^8): each byte of the secret is the
 * constant term of a polynomial of degree t - 1 whose other coefficients are uniform, and a share is the polynomials'
 * values at one place x. Any t shares give the secret; t - 1 of them fit every secret equally well.
 *
 * Nothing here notices a wrong share: whoever joins compares the secret with what its owner committed to.
 */
import { addMultiple, inverse, multiply } from './gf256.ts';

export const SECRET_BYTES = 32;
/** Places are 1..255: at 0 is the secret itself. */
export const MAXIMUM_SHARES = 255;

const WORDS = SECRET_BYTES / 4;

export interface Share {
  /** 1..255: 1 + position in the owner's list of neighbours. */
  readonly x: number;
  /** As long as the secret. */
  readonly bytes: Uint8Array;
}

export interface Splitting {
  /** How many shares rebuild the secret. */
  readonly shareThreshold: number;
  readonly shareCount: number;
  /** From a cryptographic generator; asked once, for 32 (t - 1) bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/**
 * @param secret 32 bytes
 * @returns the shares for x = 1, 2, ..., shareCount, 32 bytes each
 * @throws RangeError when such shares cannot be
 */
export function splitSecret(
  secret: Uint8Array,
  { shareThreshold, shareCount, randomBytes }: Splitting,
): Uint8Array[] {
  checkLength(secret);
  if (!isBetween(shareCount, 1, MAXIMUM_SHARES) || !isBetween(shareThreshold, 1, shareCount))
    throw new RangeError(
      `no secret can be split into ${shareCount} shares of which ${shareThreshold} rebuild it`,
    );
  const random = wordsOf(randomBytes((shareThreshold - 1) * SECRET_BYTES));
  const coefficients = Array.from({ length: shareThreshold - 1 }, (_, i) =>
    random.subarray(i * WORDS, (i + 1) * WORDS),
  );
  const polynomials = [wordsOf(secret), ...coefficients];
  const shares = Array.from({ length: shareCount }, (_, i) => valueAt(i + 1, polynomials));
  for (const secretWords of [random, polynomials[0]!]) secretWords.fill(0);
  return shares;
}

/** Joins shares into secrets; keeps the Lagrange coefficients of each set of places that it has met. */
export function openShareJoin(): (shares: readonly Share[]) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (shares) => {
    const places = shares.map(({ x }) => x);
    const key = places.join();
    const coefficients = known.get(key) ?? lagrangeAtZero(places);
    known.set(key, coefficients);
    return joinWith(coefficients, shares);
  };
}

/**
 * The coefficients l_i with f(0) = sum of l_i f(x_i) for every polynomial of a degree below the number of places:
 * l_i = product over j != i of x_j / (x_j - x_i), and minus is plus here.
 * @throws RangeError unless the places are different and in 1..255
 */
export function lagrangeAtZero(places: readonly number[]): Uint8Array {
  const areFit = places.length > 0 && places.every((x) => isBetween(x, 1, MAXIMUM_SHARES));
  if (!areFit || new Set(places).size !== places.length)
    throw new RangeError('the places of shares are different numbers from 1 to 255');
  return Uint8Array.from(places, (x) => {
    let above = 1;
    let below = 1;
    for (const other of places) {
      if (other === x) continue;
      above = multiply(above, other);
      below = multiply(below, other ^ x);
    }
    return multiply(above, inverse(below));
  });
}

/** @param shares exactly as many as rebuild the secret: more would cost time and check nothing */
function joinWith(coefficients: Uint8Array, shares: readonly Share[]): Uint8Array {
  const sum = new Uint32Array(WORDS);
  for (const [i, { bytes }] of shares.entries()) {
    checkLength(bytes);
    addMultiple(sum, coefficients[i]!, wordsOf(bytes));
  }
  return new Uint8Array(sum.buffer);
}

/** By Horner's rule, from the highest coefficient down. */
function valueAt(x: number, polynomials: readonly Uint32Array[]): Uint8Array {
  let value = new Uint32Array(WORDS);
  for (let power = polynomials.length - 1; power >= 0; power -= 1) {
    const next = polynomials[power]!.slice();
    addMultiple(next, x, value);
    value = next;
  }
  return new Uint8Array(value.buffer);
}

/** A copy: bytes may begin anywhere in their buffer. The order of bytes within words does not matter here. */
const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer);

function checkLength(bytes: Uint8Array): void {
  if (bytes.length !== SECRET_BYTES) throw new RangeError(`secrets and shares have ${SECRET_BYTES} bytes`);
}

const isBetween = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
