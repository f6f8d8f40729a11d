/**
 * Depthwise convolution on padded copies, so that no window meets an edge: an image is copied into a frame of zeros whose
 * pixels have `stride4` bytes, their channels rounded up to whole vectors; the filters are packed alike, [tap][channels].
 * Both gradients are correlations of such frames, too.
 */
import { maskOf, storeLanes } from './lanes';
import { multiplyAdd } from './multiply-add';

/** Packs filters [taps, width]; `flipped` turns each filter by half a turn, as the gradient of the input wants it. */
export function packFilters(taps: i32, width: i32, filters: usize, packed: usize, flipped: bool): void {
  for (let tap = 0; tap < taps; tap++) {
    const target = flipped ? taps - 1 - tap : tap;
    copyPixel(width, filters + ((<usize>tap * <usize>width) << 2), packed + <usize>target * stride4(width));
  }
}

/**
 * Writes an image into a frame that was cleared or held another image like it: pixel (y, x) at (top + step y, left + step x), where that lies inside. A step of 2
 * leaves zeros between pixels: that is how the gradient of a strided convolution spreads.
 */
export function frameImage(
  height: i32,
  imageWidth: i32,
  width: i32,
  image: usize,
  frame: usize,
  frameHeight: i32,
  frameWidth: i32,
  top: i32,
  left: i32,
  step: i32,
): void {
  const pixel = stride4(width);
  for (let y = 0; y < height; y++) {
    const row = top + step * y;
    if (row < 0 || row >= frameHeight) continue;
    for (let x = 0; x < imageWidth; x++) {
      const column = left + step * x;
      if (column < 0 || column >= frameWidth) continue;
      const source = image + ((<usize>(y * imageWidth + x) * <usize>width) << 2);
      copyPixel(width, source, frame + <usize>(row * frameWidth + column) * pixel);
    }
  }
}

/**
 * output (y, x) = bias + sum over taps of frame (stride y + ky, stride x + kx) x filter (ky, kx), per channel. `bias` 0
 * means none. Adds to the output where `adds`.
 */
export function correlate(
  height: i32,
  outputWidth: i32,
  width: i32,
  frame: usize,
  frameWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  packed: usize,
  bias: usize,
  output: usize,
  adds: bool,
): void {
  const pixel = stride4(width);
  const isThree = kernelHeight === 3 && kernelWidth === 3;
  for (let y = 0; y < height; y++) {
    const rowFrame = frame + <usize>(stride * y * frameWidth) * pixel;
    const rowOutput = output + ((<usize>(y * outputWidth) * <usize>width) << 2);
    for (let channel = 0; channel < width; channel += 4) {
      const at = (<usize>channel) << 2;
      const start = bias ? v128.load(bias + at) : f32x4.splat(0);
      const lanes = width - channel;
      if (isThree) {
        correlateRow3(
          outputWidth,
          rowFrame + at,
          <usize>frameWidth * pixel,
          <usize>stride * pixel,
          pixel,
          packed + at,
          start,
          rowOutput + at,
          (<usize>width) << 2,
          lanes,
          adds,
        );
      } else {
        correlateRow(
          outputWidth,
          rowFrame + at,
          <usize>frameWidth * pixel,
          <usize>stride * pixel,
          pixel,
          kernelHeight,
          kernelWidth,
          packed + at,
          start,
          rowOutput + at,
          (<usize>width) << 2,
          lanes,
          adds,
        );
      }
    }
  }
}

/** Four channels of a row of outputs under a 3 x 3 window, its nine filter vectors in registers. */
function correlateRow3(
  count: i32,
  frame: usize,
  line: usize,
  step: usize,
  pixel: usize,
  packed: usize,
  start: v128,
  output: usize,
  outputStep: usize,
  lanes: i32,
  adds: bool,
): void {
  const k0 = v128.load(packed);
  const k1 = v128.load(packed + pixel);
  const k2 = v128.load(packed + 2 * pixel);
  const k3 = v128.load(packed + 3 * pixel);
  const k4 = v128.load(packed + 4 * pixel);
  const k5 = v128.load(packed + 5 * pixel);
  const k6 = v128.load(packed + 6 * pixel);
  const k7 = v128.load(packed + 7 * pixel);
  const k8 = v128.load(packed + 8 * pixel);
  const kept = maskOf(adds ? 4 : 0);
  const isWhole = lanes >= 4;
  for (let x = 0; x < count; x++) {
    let a = multiplyAdd(v128.load(frame), k0, start);
    let b = f32x4.mul(v128.load(frame + pixel), k1);
    let c = f32x4.mul(v128.load(frame + 2 * pixel), k2);
    const second = frame + line;
    a = multiplyAdd(v128.load(second), k3, a);
    b = multiplyAdd(v128.load(second + pixel), k4, b);
    c = multiplyAdd(v128.load(second + 2 * pixel), k5, c);
    const third = second + line;
    a = multiplyAdd(v128.load(third), k6, a);
    b = multiplyAdd(v128.load(third + pixel), k7, b);
    c = multiplyAdd(v128.load(third + 2 * pixel), k8, c);
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, v128.and(v128.load(output), kept)));
    if (isWhole) v128.store(output, sum);
    else storeLanes(output, sum, lanes);
    frame += step;
    output += outputStep;
  }
}

function correlateRow(
  count: i32,
  frame: usize,
  line: usize,
  step: usize,
  pixel: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  packed: usize,
  start: v128,
  output: usize,
  outputStep: usize,
  lanes: i32,
  adds: bool,
): void {
  const kept = maskOf(adds ? 4 : 0);
  for (let x = 0; x < count; x++) {
    let sum = f32x4.add(start, v128.and(v128.load(output), kept));
    let filter = packed;
    for (let ky = 0; ky < kernelHeight; ky++) {
      const row = frame + <usize>ky * line;
      for (let kx = 0; kx < kernelWidth; kx++) {
        sum = multiplyAdd(v128.load(row + <usize>kx * pixel), v128.load(filter), sum);
        filter += pixel;
      }
    }
    storeLanes(output, sum, lanes);
    frame += step;
    output += outputStep;
  }
}

/** packedGradient (ky, kx) += sum over outputs of frame (stride y + ky, stride x + kx) x gradient (y, x), per channel. */
export function correlateFilters(
  height: i32,
  outputWidth: i32,
  width: i32,
  frame: usize,
  frameWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  gradient: usize,
  packedGradient: usize,
): void {
  const pixel = stride4(width);
  const gradientStep = (<usize>width) << 2;
  const line = <usize>frameWidth * pixel;
  for (let y = 0; y < height; y++) {
    const rowFrame = frame + <usize>(stride * y) * line;
    const rowGradient = gradient + <usize>(y * outputWidth) * gradientStep;
    for (let at: usize = 0; at < pixel; at += 16) {
      for (let ky = 0; ky < kernelHeight; ky++) {
        const tapFrame = rowFrame + <usize>ky * line + at;
        const tapGradient = packedGradient + <usize>(ky * kernelWidth) * pixel + at;
        if (kernelWidth === 3) {
          addTaps3(
            outputWidth,
            tapFrame,
            <usize>stride * pixel,
            pixel,
            rowGradient + at,
            gradientStep,
            tapGradient,
          );
        } else {
          for (let kx: usize = 0; kx < <usize>kernelWidth; kx++) {
            addTap(
              outputWidth,
              tapFrame + kx * pixel,
              <usize>stride * pixel,
              rowGradient + at,
              gradientStep,
              tapGradient + kx * pixel,
            );
          }
        }
      }
    }
  }
}

/** Three neighbouring taps over a row of outputs. */
function addTaps3(
  count: i32,
  frame: usize,
  step: usize,
  pixel: usize,
  gradient: usize,
  gradientStep: usize,
  target: usize,
): void {
  let s0 = v128.load(target);
  let s1 = v128.load(target + pixel);
  let s2 = v128.load(target + 2 * pixel);
  for (let x = 0; x < count; x++) {
    const g = v128.load(gradient);
    s0 = multiplyAdd(v128.load(frame), g, s0);
    s1 = multiplyAdd(v128.load(frame + pixel), g, s1);
    s2 = multiplyAdd(v128.load(frame + 2 * pixel), g, s2);
    frame += step;
    gradient += gradientStep;
  }
  v128.store(target, s0);
  v128.store(target + pixel, s1);
  v128.store(target + 2 * pixel, s2);
}

function addTap(
  count: i32,
  frame: usize,
  step: usize,
  gradient: usize,
  gradientStep: usize,
  target: usize,
): void {
  let sum = v128.load(target);
  for (let x = 0; x < count; x++) {
    sum = multiplyAdd(v128.load(frame), v128.load(gradient), sum);
    frame += step;
    gradient += gradientStep;
  }
  v128.store(target, sum);
}

/** filterGradient [taps, width] += packed. */
export function addPackedFilters(taps: i32, width: i32, packed: usize, filterGradient: usize): void {
  for (let tap = 0; tap < taps; tap++) {
    const source = packed + <usize>tap * stride4(width);
    const target = filterGradient + ((<usize>tap * <usize>width) << 2);
    for (let channel = 0; channel < width; channel += 4) {
      const at = (<usize>channel) << 2;
      storeLanes(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)), width - channel);
    }
  }
}

/** Bytes of one pixel in a frame. */
function stride4(width: i32): usize {
  return (<usize>(width + 3) & ~3) << 2;
}

/** What the last vector reads beyond its pixel lands in lanes that nobody reads. */
function copyPixel(width: i32, source: usize, target: usize): void {
  for (let channel = 0; channel < width; channel += 4) {
    const at = (<usize>channel) << 2;
    v128.store(target + at, v128.load(source + at));
  }
}
