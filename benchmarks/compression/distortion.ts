/** |x - y|^2 / |x|^2. */
export function distortionOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let lost = 0;
  let energy = 0;
  for (let i = 0; i < x.length; i += 1) {
    lost += (x[i]! - y[i]!) ** 2;
    energy += x[i]! ** 2;
  }
  return lost / energy;
}
