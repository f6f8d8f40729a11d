/**
 * Exponential moving average without the bias to its beginning (Kingma and Ba 2015, section 3), as far as a value
 * was measured; null elsewhere. `weight` in [0, 1) is that of what came before; 0 leaves the values as they are.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0;
  let seen = 0;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    seen += 1;
    return average / (1 - weight ** seen);
  });
}
