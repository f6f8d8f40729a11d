/** Softmax cross-entropy, row by row. */
import { exp4 } from './elementary';
import { highestOf, maskOf, storeLanes, sumOf } from './lanes';

/**
 * gradients = scale x (softmax(logits) - oneHot(label)).
 * @returns cross-entropy summed over the rows, in nats
 */
export function softmaxCrossEntropy(
  rows: i32,
  classes: i32,
  logits: usize,
  labels: usize,
  gradients: usize,
  scale: f32,
): f64 {
  let loss: f64 = 0;
  const rowBytes = (<usize>classes) << 2;
  const lastBytes = ((<usize>classes - 1) & ~3) << 2;
  const lastLanes = classes - <i32>(lastBytes >> 2);
  const mask = maskOf(lastLanes);
  const lowest = f32x4.splat(-Infinity);
  for (let index = 0; index < rows; index++) {
    const row = logits + <usize>index * rowBytes;
    const gradient = gradients + <usize>index * rowBytes;
    const label = load<i32>(labels + ((<usize>index) << 2));
    let peaks = v128.bitselect(v128.load(row + lastBytes), lowest, mask);
    for (let at: usize = 0; at < lastBytes; at += 16) peaks = f32x4.max(peaks, v128.load(row + at));
    const highest = highestOf(peaks);
    const peak = f32x4.splat(highest);
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const power = exp4(f32x4.sub(v128.load(row + at), peak));
      sums = f32x4.add(sums, power);
      v128.store(gradient + at, power);
    }
    const lastPower = v128.and(exp4(f32x4.sub(v128.load(row + lastBytes), peak)), mask);
    storeLanes(gradient + lastBytes, lastPower, lastLanes);
    const sum = sumOf(f32x4.add(sums, lastPower));
    const factor = f32x4.splat(scale / sum);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      v128.store(gradient + at, f32x4.mul(factor, v128.load(gradient + at)));
    }
    storeLanes(gradient + lastBytes, f32x4.mul(factor, lastPower), lastLanes);
    const own = gradient + ((<usize>label) << 2);
    store<f32>(own, load<f32>(own) - scale);
    loss += NativeMath.log(<f64>sum) - <f64>(load<f32>(row + ((<usize>label) << 2)) - highest);
  }
  return loss;
}
