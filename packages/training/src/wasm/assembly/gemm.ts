/** Matrix products. All matrices are row-major and without padding: a row of width n takes 4 n bytes. */
import { multiplyAdd } from './multiply-add';

/** output = input x kernel + bias, then ReLU when `rectify`. Input [rows, inner], kernel [inner, width]; `bias` 0 means none. */
export function denseForward(
  rows: i32,
  inner: i32,
  width: i32,
  input: usize,
  kernel: usize,
  bias: usize,
  output: usize,
  rectify: bool,
): void {
  const stride = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    const a = input + ((<usize>row * <usize>inner) << 2);
    const c = output + <usize>row * stride;
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      const at = (<usize>column) << 2;
      let sum = bias ? v128.load(bias + at) : f32x4.splat(0);
      for (let k = 0; k < inner; k++) {
        sum = multiplyAdd(
          v128.load32_splat(a + ((<usize>k) << 2)),
          v128.load(kernel + <usize>k * stride + at),
          sum,
        );
      }
      if (rectify) sum = f32x4.max(sum, f32x4.splat(0));
      v128.store(c + at, sum);
    }
    for (; column < width; column++) {
      const at = (<usize>column) << 2;
      let sum: f32 = bias ? load<f32>(bias + at) : 0;
      for (let k = 0; k < inner; k++) {
        sum += load<f32>(a + ((<usize>k) << 2)) * load<f32>(kernel + <usize>k * stride + at);
      }
      if (rectify) sum = max(sum, <f32>0);
      store<f32>(c + at, sum);
    }
  }
}

/** gradient = 0 where the output of a ReLU is 0, over `count` floats. */
export function maskRectified(count: i32, output: usize, gradient: usize): void {
  const end = (<usize>count) << 2;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    const isActive = f32x4.gt(v128.load(output + at), f32x4.splat(0));
    v128.store(gradient + at, v128.and(v128.load(gradient + at), isActive));
  }
  for (; at < end; at += 4) {
    if (load<f32>(output + at) <= 0) store<f32>(gradient + at, 0);
  }
}

/** inputGradient = (or += when `add`) gradient x kernel^T. */
export function denseInputGradient(
  rows: i32,
  inner: i32,
  width: i32,
  gradient: usize,
  kernel: usize,
  inputGradient: usize,
  add: bool,
): void {
  for (let row = 0; row < rows; row++) {
    const g = gradient + ((<usize>row * <usize>width) << 2);
    for (let k = 0; k < inner; k++) {
      const w = kernel + ((<usize>k * <usize>width) << 2);
      let sum: f32 = 0;
      for (let column = 0; column < width; column++) {
        sum += load<f32>(g + ((<usize>column) << 2)) * load<f32>(w + ((<usize>column) << 2));
      }
      const target = inputGradient + ((<usize>row * <usize>inner + <usize>k) << 2);
      store<f32>(target, add ? load<f32>(target) + sum : sum);
    }
  }
}

/** kernelGradient += input^T x gradient. */
export function denseKernelGradient(
  rows: i32,
  inner: i32,
  width: i32,
  input: usize,
  gradient: usize,
  kernelGradient: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const x = load<f32>(input + ((<usize>row * <usize>inner + <usize>k) << 2));
      const target = kernelGradient + ((<usize>k * <usize>width) << 2);
      const g = gradient + ((<usize>row * <usize>width) << 2);
      for (let column = 0; column < width; column++) {
        const at = (<usize>column) << 2;
        store<f32>(target + at, load<f32>(target + at) + x * load<f32>(g + at));
      }
    }
  }
}

/** target += sum of the rows. */
export function addColumnSums(rows: i32, width: i32, matrix: usize, target: usize): void {
  const stride = (<usize>width) << 2;
  for (let column: usize = 0; column < stride; column += 4) {
    let sum: f32 = 0;
    for (let row = 0; row < rows; row++) sum += load<f32>(matrix + <usize>row * stride + column);
    store<f32>(target + column, load<f32>(target + column) + sum);
  }
}
