/** Layer normalisation (Ba et al. 2016) of each row. `statistics` keeps mean and 1 / standard deviation per row. */
import { maskOf, storeLanes, sumOf } from './lanes';

/** Rows whose share of the scale's gradient is added up in registers: few enough to stay in the first-level cache. */
const BLOCK = 16;

export function normaliseRows(
  rows: i32,
  width: i32,
  epsilon: f32,
  input: usize,
  scale: usize,
  shift: usize,
  statistics: usize,
  output: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  const share = <f32>1 / <f32>width;
  const lastBytes = ((<usize>width - 1) & ~3) << 2;
  const lastLanes = width - <i32>(lastBytes >> 2);
  const mask = maskOf(lastLanes);
  for (let row = 0; row < rows; row++) {
    const source = input + <usize>row * rowBytes;
    const target = output + <usize>row * rowBytes;
    let sums = v128.and(v128.load(source + lastBytes), mask);
    for (let at: usize = 0; at < lastBytes; at += 16) sums = f32x4.add(sums, v128.load(source + at));
    const mean = sumOf(sums) * share;
    const centre = f32x4.splat(mean);
    const lastDistance = v128.and(f32x4.sub(v128.load(source + lastBytes), centre), mask);
    let squares = f32x4.mul(lastDistance, lastDistance);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const distance = f32x4.sub(v128.load(source + at), centre);
      squares = f32x4.add(squares, f32x4.mul(distance, distance));
    }
    const inverse = <f32>1 / sqrt<f32>(sumOf(squares) * share + epsilon);
    store<f32>(statistics + ((<usize>row) << 3), mean);
    store<f32>(statistics + ((<usize>row) << 3), inverse, 4);
    const factor = f32x4.splat(inverse);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(source + at), centre), factor);
      v128.store(target + at, f32x4.add(f32x4.mul(normal, v128.load(scale + at)), v128.load(shift + at)));
    }
    const normal = f32x4.mul(lastDistance, factor);
    const last = f32x4.add(f32x4.mul(normal, v128.load(scale + lastBytes)), v128.load(shift + lastBytes));
    storeLanes(target + lastBytes, last, lastLanes);
  }
}

/**
 * With n the normalised row and d = gradient x scale: input gradient = (d - mean(d) - n mean(d n)) / standard deviation.
 * Adds to the input's gradient where `adds`.
 */
export function normaliseRowsBackward(
  rows: i32,
  width: i32,
  input: usize,
  scale: usize,
  statistics: usize,
  gradient: usize,
  inputGradient: usize,
  adds: bool,
): void {
  const rowBytes = (<usize>width) << 2;
  const share = <f32>1 / <f32>width;
  const lastBytes = ((<usize>width - 1) & ~3) << 2;
  const lastLanes = width - <i32>(lastBytes >> 2);
  const mask = maskOf(lastLanes);
  const kept = maskOf(adds ? 4 : 0);
  for (let row = 0; row < rows; row++) {
    const source = input + <usize>row * rowBytes;
    const arriving = gradient + <usize>row * rowBytes;
    const target = inputGradient + <usize>row * rowBytes;
    const centre = v128.load32_splat(statistics + ((<usize>row) << 3));
    const factor = v128.load32_splat(statistics + ((<usize>row) << 3), 4);
    const lastSlope = v128.and(
      f32x4.mul(v128.load(arriving + lastBytes), v128.load(scale + lastBytes)),
      mask,
    );
    const lastDistance = v128.and(f32x4.sub(v128.load(source + lastBytes), centre), mask);
    let slopes = lastSlope;
    let products = f32x4.mul(lastSlope, lastDistance);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const slope = f32x4.mul(v128.load(arriving + at), v128.load(scale + at));
      slopes = f32x4.add(slopes, slope);
      products = f32x4.add(products, f32x4.mul(slope, f32x4.sub(v128.load(source + at), centre)));
    }
    const inverse = f32x4.extract_lane(factor, 0);
    const mean = f32x4.splat(sumOf(slopes) * share);
    const tilt = f32x4.splat(sumOf(products) * share * inverse * inverse);
    for (let at: usize = 0; at < lastBytes; at += 16) {
      const slope = f32x4.mul(v128.load(arriving + at), v128.load(scale + at));
      const distance = f32x4.sub(v128.load(source + at), centre);
      const change = f32x4.mul(factor, f32x4.sub(f32x4.sub(slope, mean), f32x4.mul(distance, tilt)));
      v128.store(target + at, f32x4.add(v128.and(v128.load(target + at), kept), change));
    }
    const rest = f32x4.sub(f32x4.sub(lastSlope, mean), f32x4.mul(lastDistance, tilt));
    const before = v128.and(v128.load(target + lastBytes), kept);
    storeLanes(target + lastBytes, f32x4.add(before, f32x4.mul(factor, rest)), lastLanes);
  }
}

/** scaleGradient += sum over rows of gradient x normalised row; shiftGradient += sum over rows of gradient. */
export function normaliseRowsParameters(
  rows: i32,
  width: i32,
  input: usize,
  statistics: usize,
  gradient: usize,
  scaleGradient: usize,
  shiftGradient: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  for (let first = 0; first < rows; first += BLOCK) {
    const end = min(first + BLOCK, rows);
    for (let column = 0; column < width; column += 4) {
      const at = (<usize>column) << 2;
      let scales = f32x4.splat(0);
      let shifts = f32x4.splat(0);
      for (let row = first; row < end; row++) {
        const statistic = statistics + ((<usize>row) << 3);
        const distance = f32x4.sub(
          v128.load(input + <usize>row * rowBytes + at),
          v128.load32_splat(statistic),
        );
        const arriving = v128.load(gradient + <usize>row * rowBytes + at);
        scales = f32x4.add(scales, f32x4.mul(arriving, f32x4.mul(distance, v128.load32_splat(statistic, 4))));
        shifts = f32x4.add(shifts, arriving);
      }
      const lanes = width - column;
      storeLanes(scaleGradient + at, f32x4.add(v128.load(scaleGradient + at), scales), lanes);
      storeLanes(shiftGradient + at, f32x4.add(v128.load(shiftGradient + at), shifts), lanes);
    }
  }
}
