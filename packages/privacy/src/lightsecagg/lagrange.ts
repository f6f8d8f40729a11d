/**
 * Lagrange coding (Yu et al., AISTATS 2019; So et al., MLSys 2022, section 4): U pieces are the values of a polynomial of degree below U
 * at the points 1..U, and member j holds its value at the point U + 1 + j. Any U values give the polynomial back (MDS).
 *
 * The last T pieces are noise. Every T x T block of the noise rows is invertible: a combination of them that vanishes for T members
 * is a polynomial of degree below U with U roots (those members' points and the U - T points of the data), hence zero. So the noise
 * in any T shares is uniform, and they say nothing about the data.
 */
import { inverse, multiply, subtract } from './field.ts';

/** @returns the points of the pieces, 1..U */
export const piecePoints = (recovery: number): number[] =>
  Array.from({ length: recovery }, (_, piece) => 1 + piece);

/** @returns where member `index` holds the polynomial's value */
export const memberPoint = (recovery: number, index: number): number => recovery + 1 + index;

/**
 * @param from distinct points at which a polynomial of degree below `from.length` is known
 * @param to points at which it is wanted
 * @returns for each of `to` the weights of the known values
 */
export function interpolationWeights(from: readonly number[], to: readonly number[]): Int32Array[] {
  const denominators = from.map((point, k) =>
    from.reduce((product, other, m) => (m === k ? product : multiply(product, subtract(point, other))), 1),
  );
  return to.map((wanted) => {
    const known = from.indexOf(wanted);
    if (known !== -1) return Int32Array.from(from, (_, k) => (k === known ? 1 : 0));
    const whole = from.reduce((product, point) => multiply(product, subtract(wanted, point)), 1);
    return Int32Array.from(from, (point, k) =>
      multiply(whole, inverse(multiply(denominators[k]!, subtract(wanted, point)))),
    );
  });
}
