/**
 * The prime field of LightSecAgg, q = 2^26 - 5. A product of two elements is below 2^52, so a Number holds it exactly. (With
 * the usual default 2^31 - 1 a product has 62 bits, and sums of them overflow even 64-bit integers.)
 *
 * A vector of the field is an Int32Array of elements in [0, q).
 */
export const PRIME = 67_108_859;

/** Any integer, as the element that it is congruent to. */
export function fieldElement(value: number): number {
  const remainder = value % PRIME;
  return remainder < 0 ? remainder + PRIME : remainder + 0;
}

export const multiply = (left: number, right: number): number => (left * right) % PRIME;

export const subtract = (left: number, right: number): number => fieldElement(left - right);

/** By Fermat: a^(q - 2). Zero has none. */
export function inverse(element: number): number {
  if (element === 0) throw new RangeError('zero has no inverse');
  let power = element;
  let result = 1;
  for (let exponent = PRIME - 2; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

/** `sum` += `vector`, element by element. */
export function addVector(sum: Int32Array, vector: Int32Array): void {
  for (let index = 0; index < sum.length; index += 1) {
    const next = sum[index]! + vector[index]!;
    sum[index] = next >= PRIME ? next - PRIME : next;
  }
}

/** `sum` -= `vector`, element by element. */
export function subtractVector(sum: Int32Array, vector: Int32Array): void {
  for (let index = 0; index < sum.length; index += 1) {
    const next = sum[index]! - vector[index]!;
    sum[index] = next < 0 ? next + PRIME : next;
  }
}
