/** Layer normalisation (Ba et al. 2016) of each row. `statistics` keeps mean and 1 / standard deviation per row. */
import { maskOf, storeLanes, sumOf } from './lanes';

/** Rows whose share of the scale's gradient is added up in registers: sums of sums round less. */
const BLOCK = 32;

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
    const count = min(BLOCK, rows - first);
    const start = <usize>first * rowBytes;
    const statistic = statistics + ((<usize>first) << 3);
    let column = 0;
    for (; column + 16 <= width; column += 16) {
      const at = (<usize>column) << 2;
      addSixteenColumns(
        count,
        rowBytes,
        input + start + at,
        statistic,
        gradient + start + at,
        scaleGradient + at,
        shiftGradient + at,
      );
    }
    for (; column < width; column += 4) {
      const at = (<usize>column) << 2;
      addColumnsUpToFour(
        count,
        rowBytes,
        input + start + at,
        statistic,
        gradient + start + at,
        scaleGradient + at,
        shiftGradient + at,
        width - column,
      );
    }
  }
}

/** Whole cache lines, where rows are wide enough. */
function addSixteenColumns(
  rows: i32,
  rowBytes: usize,
  input: usize,
  statistics: usize,
  gradient: usize,
  scaleGradient: usize,
  shiftGradient: usize,
): void {
  let scale0 = f32x4.splat(0);
  let scale1 = f32x4.splat(0);
  let scale2 = f32x4.splat(0);
  let scale3 = f32x4.splat(0);
  let shift0 = f32x4.splat(0);
  let shift1 = f32x4.splat(0);
  let shift2 = f32x4.splat(0);
  let shift3 = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const mean = v128.load32_splat(statistics);
    const inverse = v128.load32_splat(statistics, 4);
    const g0 = v128.load(gradient);
    const g1 = v128.load(gradient, 16);
    const g2 = v128.load(gradient, 32);
    const g3 = v128.load(gradient, 48);
    scale0 = f32x4.add(scale0, f32x4.mul(g0, f32x4.mul(f32x4.sub(v128.load(input), mean), inverse)));
    scale1 = f32x4.add(scale1, f32x4.mul(g1, f32x4.mul(f32x4.sub(v128.load(input, 16), mean), inverse)));
    scale2 = f32x4.add(scale2, f32x4.mul(g2, f32x4.mul(f32x4.sub(v128.load(input, 32), mean), inverse)));
    scale3 = f32x4.add(scale3, f32x4.mul(g3, f32x4.mul(f32x4.sub(v128.load(input, 48), mean), inverse)));
    shift0 = f32x4.add(shift0, g0);
    shift1 = f32x4.add(shift1, g1);
    shift2 = f32x4.add(shift2, g2);
    shift3 = f32x4.add(shift3, g3);
    input += rowBytes;
    gradient += rowBytes;
    statistics += 8;
  }
  v128.store(scaleGradient, f32x4.add(v128.load(scaleGradient), scale0));
  v128.store(scaleGradient, f32x4.add(v128.load(scaleGradient, 16), scale1), 16);
  v128.store(scaleGradient, f32x4.add(v128.load(scaleGradient, 32), scale2), 32);
  v128.store(scaleGradient, f32x4.add(v128.load(scaleGradient, 48), scale3), 48);
  v128.store(shiftGradient, f32x4.add(v128.load(shiftGradient), shift0));
  v128.store(shiftGradient, f32x4.add(v128.load(shiftGradient, 16), shift1), 16);
  v128.store(shiftGradient, f32x4.add(v128.load(shiftGradient, 32), shift2), 32);
  v128.store(shiftGradient, f32x4.add(v128.load(shiftGradient, 48), shift3), 48);
}

function addColumnsUpToFour(
  rows: i32,
  rowBytes: usize,
  input: usize,
  statistics: usize,
  gradient: usize,
  scaleGradient: usize,
  shiftGradient: usize,
  columns: i32,
): void {
  let scales = f32x4.splat(0);
  let shifts = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const distance = f32x4.sub(v128.load(input), v128.load32_splat(statistics));
    const arriving = v128.load(gradient);
    scales = f32x4.add(scales, f32x4.mul(arriving, f32x4.mul(distance, v128.load32_splat(statistics, 4))));
    shifts = f32x4.add(shifts, arriving);
    input += rowBytes;
    gradient += rowBytes;
    statistics += 8;
  }
  storeLanes(scaleGradient, f32x4.add(v128.load(scaleGradient), scales), columns);
  storeLanes(shiftGradient, f32x4.add(v128.load(shiftGradient), shifts), columns);
}
