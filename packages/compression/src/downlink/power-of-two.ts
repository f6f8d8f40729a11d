const FRACTION_BITS = 52;
const BIAS = 1023;

/** 2^exponent, exactly: engines may round `Math.pow` as they like. @param exponent an integer from -1074 to 1023 */
export function powerOfTwo(exponent: number): number {
  const view = new DataView(new ArrayBuffer(8));
  const field = exponent + BIAS;
  if (field > 0) view.setUint32(0, field * 2 ** 20);
  else view.setBigUint64(0, 1n << BigInt(field + FRACTION_BITS - 1));
  return view.getFloat64(0);
}
