/**
 * Passes over whole vectors. Sizes count bytes, and are rounded up to 16: what lies behind a vector until the next
 * multiple of 64 is nobody's.
 */
import { exp4, geluGate4, geluSlope4, sigmoid4, tanh4 } from './elementary';

/** output = first + scale x second. */
export function addScaled(first: usize, second: usize, scale: f32, output: usize, size: usize): void {
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < size; at += 16) {
    v128.store(output + at, f32x4.add(v128.load(first + at), f32x4.mul(factor, v128.load(second + at))));
  }
}

/** output = scale x input. */
export function scaleInto(input: usize, scale: f32, output: usize, size: usize): void {
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < size; at += 16) {
    v128.store(output + at, f32x4.mul(factor, v128.load(input + at)));
  }
}

export function clear(output: usize, size: usize): void {
  memory.fill(output, 0, size);
}

/** output += scale x input, and input = 0. Nothing lies in a vector's padding but zeros. */
export function addScaledAndClear(input: usize, scale: f32, output: usize, size: usize): void {
  const factor = f32x4.splat(scale);
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    v128.store(output + at, f32x4.add(v128.load(output + at), f32x4.mul(factor, v128.load(input + at))));
    v128.store(input + at, zero);
  }
}

/** Sum of squares, added up in double precision; `size` is exact. */
export function sumOfSquares(input: usize, size: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const whole = size & ~15;
  for (let at: usize = 0; at < whole; at += 16) {
    const x = v128.load(input + at);
    const first = f64x2.promote_low_f32x4(x);
    const second = f64x2.promote_low_f32x4(
      i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
    );
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(second, second));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let at = whole; at < size; at += 4) {
    const x = <f64>load<f32>(input + at);
    sum += x * x;
  }
  return sum;
}

/** output = gelu(values), and in place of the values the slopes there, which the backward pass multiplies by. */
export function gelu(values: usize, output: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    const x = v128.load(values + at);
    const gate = geluGate4(x);
    v128.store(output + at, f32x4.mul(x, gate));
    v128.store(values + at, geluSlope4(x, gate));
  }
}

/** output x= input. */
export function multiplyBy(input: usize, output: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    v128.store(output + at, f32x4.mul(v128.load(output + at), v128.load(input + at)));
  }
}

/** The three below stand here for their tests; recurrence and attention use them inside. */
export function exponential(input: usize, output: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) v128.store(output + at, exp4(v128.load(input + at)));
}

export function logistic(input: usize, output: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) v128.store(output + at, sigmoid4(v128.load(input + at)));
}

export function hyperbolicTangent(input: usize, output: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) v128.store(output + at, tanh4(v128.load(input + at)));
}
