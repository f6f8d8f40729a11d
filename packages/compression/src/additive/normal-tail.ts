/** How much of a normal distribution lies far out. */

const TERMS = 80;

/**
 * P(|Z| > k) of a standard normal Z, by the continued fraction of Laplace (Abramowitz and Stegun 1964, 26.2.14): twelve digits
 * where it is used.
 * @param k at least 1.5
 */
export function normalTail(k: number): number {
  let fraction = k;
  for (let term = TERMS; term > 0; term -= 1) fraction = k + term / fraction;
  return (Math.SQRT2 / Math.sqrt(Math.PI)) * (Math.exp((-k * k) / 2) / fraction);
}

/** The k with P(|Z| > k) = `probability`. @param probability within (0, 0.1] */
export function normalTailQuantile(probability: number): number {
  let [low, high] = [1.5, 40];
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > probability) low = middle;
    else high = middle;
  }
  return high;
}
