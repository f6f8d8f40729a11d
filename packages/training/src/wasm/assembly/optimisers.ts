/**
 * One pass over flat vectors for each optimiser: parameters, gradient and moments are read once, and the gradient is left
 * zero for the next step, which adds to it. The padding at the end holds zeros, and these formulas keep it so.
 */

/** parameters -= learningRate x gradient. */
export function stepSgd(parameters: usize, gradient: usize, size: usize, learningRate: f32): void {
  const rate = f32x4.splat(learningRate);
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const change = f32x4.mul(rate, v128.load(gradient + at));
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), change));
    v128.store(gradient + at, zero);
  }
}

/** velocity = momentum x velocity + gradient; parameters -= learningRate x velocity. */
export function stepMomentum(
  parameters: usize,
  gradient: usize,
  velocities: usize,
  size: usize,
  learningRate: f32,
  momentum: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const keep = f32x4.splat(momentum);
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const velocity = f32x4.add(f32x4.mul(keep, v128.load(velocities + at)), v128.load(gradient + at));
    v128.store(velocities + at, velocity);
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), f32x4.mul(rate, velocity)));
    v128.store(gradient + at, zero);
  }
}

/** Kingma and Ba 2015, algorithm 1; `correction1` = 1 - beta1^t and `correction2` = 1 - beta2^t. */
export function stepAdam(
  parameters: usize,
  gradient: usize,
  firstMoments: usize,
  secondMoments: usize,
  size: usize,
  learningRate: f32,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  correction1: f64,
  correction2: f64,
): void {
  // Both corrections move out of the loop: m / c1 / (sqrt(v / c2) + e) = (m sqrt(c2) / c1) / (sqrt(v) + e sqrt(c2)).
  const root = Math.sqrt(correction2);
  const rate = f32x4.splat(<f32>((<f64>learningRate * root) / correction1));
  const floor = f32x4.splat(<f32>(<f64>epsilon * root));
  const keep1 = f32x4.splat(<f32>beta1);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(f32x4.mul(keep1, v128.load(firstMoments + at)), f32x4.mul(take1, g));
    const v = f32x4.add(f32x4.mul(keep2, v128.load(secondMoments + at)), f32x4.mul(take2, f32x4.mul(g, g)));
    v128.store(firstMoments + at, m);
    v128.store(secondMoments + at, v);
    const slope = f32x4.div(m, f32x4.add(f32x4.sqrt(v), floor));
    v128.store(parameters + at, f32x4.sub(v128.load(parameters + at), f32x4.mul(rate, slope)));
    v128.store(gradient + at, zero);
  }
}
