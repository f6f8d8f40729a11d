/** The softmax of causal attention (Vaswani et al. 2017, section 3.2): in row t the columns after t weigh nothing. */
import { exp4 } from './elementary';
import { highestOf, maskOf, storeLanes, sumOf } from './lanes';

/** Each row of [length, length] becomes softmax(factor x row) over its columns up to the diagonal, and 0 behind it. */
export function causalSoftmax(length: i32, factor: f32, scores: usize): void {
  const rowBytes = (<usize>length) << 2;
  const scale = f32x4.splat(factor);
  const lowest = f32x4.splat(-Infinity);
  for (let row = 0; row < length; row++) {
    const start = scores + <usize>row * rowBytes;
    const lastBytes = (<usize>row & ~3) << 2;
    const lastLanes = row + 1 - <i32>(lastBytes >> 2);
    const mask = maskOf(lastLanes);
    let peaks = v128.bitselect(v128.load(start + lastBytes), lowest, mask);
    for (let at: usize = 0; at < lastBytes; at += 16) peaks = f32x4.max(peaks, v128.load(start + at));
    const peak = f32x4.splat(highestOf(peaks));
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const power = exp4(f32x4.mul(scale, f32x4.sub(v128.load(start + at), peak)));
      sums = f32x4.add(sums, power);
      v128.store(start + at, power);
    }
    const lastPower = v128.and(exp4(f32x4.mul(scale, f32x4.sub(v128.load(start + lastBytes), peak))), mask);
    const share = f32x4.splat(1 / sumOf(f32x4.add(sums, lastPower)));
    for (let at: usize = 0; at < lastBytes; at += 16) {
      v128.store(start + at, f32x4.mul(share, v128.load(start + at)));
    }
    storeLanes(start + lastBytes, f32x4.mul(share, lastPower), length - <i32>(lastBytes >> 2));
    clearRest(start, lastBytes + 16, rowBytes);
  }
}

/** gradient = factor x weights x (gradient - sum over the row of gradient x weights), 0 behind the diagonal. */
export function causalSoftmaxBackward(length: i32, factor: f32, weights: usize, gradient: usize): void {
  const rowBytes = (<usize>length) << 2;
  const scale = f32x4.splat(factor);
  for (let row = 0; row < length; row++) {
    const weight = weights + <usize>row * rowBytes;
    const change = gradient + <usize>row * rowBytes;
    // Weights behind the diagonal are zero, but for what the next row put into the last vector's lanes.
    const lastBytes = (<usize>row & ~3) << 2;
    const mask = maskOf(row + 1 - <i32>(lastBytes >> 2));
    const lastWeight = v128.and(v128.load(weight + lastBytes), mask);
    const lastChange = v128.and(v128.load(change + lastBytes), mask);
    let sums = f32x4.mul(lastWeight, lastChange);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(weight + at), v128.load(change + at)));
    }
    const sum = f32x4.splat(sumOf(sums));
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const weighted = f32x4.mul(scale, v128.load(weight + at));
      v128.store(change + at, f32x4.mul(weighted, f32x4.sub(v128.load(change + at), sum)));
    }
    const last = f32x4.mul(f32x4.mul(scale, lastWeight), f32x4.sub(lastChange, sum));
    storeLanes(change + lastBytes, last, length - <i32>(lastBytes >> 2));
    clearRest(change, lastBytes + 16, rowBytes);
  }
}

function clearRest(row: usize, from: usize, rowBytes: usize): void {
  const zero = f32x4.splat(0);
  for (let at = from; at < rowBytes; at += 16) storeLanes(row + at, zero, <i32>((rowBytes - at) >> 2));
}
