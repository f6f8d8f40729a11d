/**
 * Elementary functions of four floats, after Moshier's Cephes (expf, tanhf). No relaxed instruction, so each gives the same
 * bits everywhere. Relative errors below 3e-7 (2.5 units in the last place) wherever the result is a normal number. NaN stays
 * NaN: `pmin` and `pmax` give their first operand when it is one.
 */

/** Above 2^23 floats are whole: adding this rounds, and leaves the sum's last bits holding 127 + the rounded number. */
const ROUNDING: f32 = 12_583_039;

/** Infinity above 88.37, a little early; 0 below -87.68. */
export function exp4(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-88)), f32x4.splat(88.8));
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(<f32>Math.LOG2E)), f32x4.splat(ROUNDING));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDING));
  // ln 2 in two parts: n times the first one is exact.
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), f32x4.splat(1));
  // 127 + n is the exponent field of 2^n: that of infinity for 128, of 0 for -127.
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

export function tanh4(x: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  // Far from zero by exp; near it that would cancel, so by a polynomial in x.
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(one, exp4(f32x4.add(size, size)))));
  const sign = v128.and(x, f32x4.splat(-0.0));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(size, f32x4.splat(0.625)));
}

/** 2 sqrt(2 / pi), and that times 0.044715: GELU's tanh form is x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3). */
const GELU_LINEAR: f32 = 1.5957691216057308;
const GELU_CUBIC: f32 = 0.07135481282052435;

/** Hendrycks and Gimpel 2016, the tanh form: x times this. */
export function geluGate4(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const factor = f32x4.add(f32x4.mul(square, f32x4.splat(GELU_CUBIC)), f32x4.splat(GELU_LINEAR));
  return sigmoid4(f32x4.mul(x, factor));
}

/** The slope at x, where `gate` is `geluGate4(x)`. */
export function geluSlope4(x: v128, gate: v128): v128 {
  const one = f32x4.splat(1);
  const inner = f32x4.add(f32x4.mul(f32x4.mul(f32x4.splat(3 * GELU_CUBIC), x), x), f32x4.splat(GELU_LINEAR));
  const bend = f32x4.mul(f32x4.mul(x, f32x4.sub(one, gate)), inner);
  return f32x4.mul(gate, f32x4.add(one, bend));
}
