/** Whether no value is NaN or infinite: such a value times 0 is NaN, and NaN stays in a sum. */
export function areFinite(values: Float32Array): boolean {
  let zero = 0;
  for (let i = 0; i < values.length; i += 1) zero += values[i]! * 0;
  return zero === 0;
}
