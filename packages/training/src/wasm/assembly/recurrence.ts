/**
 * The elementwise part of a gated recurrence (Cho et al. 2014). Matrices of one time step have a row per example; those of all
 * steps lie one step after the other. Rows of values lie example by example, `stride` bytes from one example to the next.
 */
import { sigmoid4, tanh4 } from './elementary';
import { storeLanes } from './lanes';

/** gates = sigmoid(gates + input + bias), [z | r]; reset = r x hidden. `gates` holds hidden x U already. */
export function openGates(
  examples: i32,
  units: i32,
  input: usize,
  stride: usize,
  bias: usize,
  hidden: usize,
  gates: usize,
  reset: usize,
): void {
  const rowBytes = (<usize>units) << 2;
  for (let example: usize = 0; example < <usize>examples; example++) {
    const x = input + example * stride;
    const zRow = gates + 2 * example * rowBytes;
    const rRow = zRow + rowBytes;
    const row = example * rowBytes;
    for (let unit = 0; unit < units; unit += 4) {
      const at = (<usize>unit) << 2;
      const lanes = units - unit;
      const beforeZ = f32x4.add(f32x4.add(v128.load(x + at), v128.load(bias + at)), v128.load(zRow + at));
      const beforeR = f32x4.add(
        f32x4.add(v128.load(x + rowBytes + at), v128.load(bias + rowBytes + at)),
        v128.load(rRow + at),
      );
      const r = sigmoid4(beforeR);
      storeLanes(zRow + at, sigmoid4(beforeZ), lanes);
      storeLanes(rRow + at, r, lanes);
      storeLanes(reset + row + at, f32x4.mul(r, v128.load(hidden + row + at)), lanes);
    }
  }
}

/**
 * candidate = tanh(candidate + input + bias); the new hidden state z hidden + (1 - z) candidate goes to `output` and, where not 0,
 * to `next`. `candidate` holds reset x U already.
 */
export function advanceHidden(
  examples: i32,
  units: i32,
  input: usize,
  inputStride: usize,
  bias: usize,
  hidden: usize,
  gates: usize,
  candidate: usize,
  output: usize,
  outputStride: usize,
  next: usize,
): void {
  const rowBytes = (<usize>units) << 2;
  for (let example: usize = 0; example < <usize>examples; example++) {
    const x = input + example * inputStride + 2 * rowBytes;
    const row = example * rowBytes;
    for (let unit = 0; unit < units; unit += 4) {
      const at = (<usize>unit) << 2;
      const lanes = units - unit;
      const before = f32x4.add(v128.load(x + at), v128.load(bias + 2 * rowBytes + at));
      const c = tanh4(f32x4.add(before, v128.load(candidate + row + at)));
      const z = v128.load(gates + 2 * row + at);
      const h = f32x4.add(c, f32x4.mul(z, f32x4.sub(v128.load(hidden + row + at), c)));
      storeLanes(candidate + row + at, c, lanes);
      storeLanes(output + example * outputStride + at, h, lanes);
      if (next !== 0) storeLanes(next + row + at, h, lanes);
    }
  }
}

/**
 * The last step first. `carried` holds what later steps send back to this step's output; with what arrives it becomes the
 * gradient d of that output. Then z's slot of `gates` takes the gradient of z before its sigmoid, `candidate` that of the
 * candidate before its tanh, and `carried` z d, a part of the gradient of the hidden state before.
 */
export function advanceHiddenBackward(
  examples: i32,
  units: i32,
  arriving: usize,
  stride: usize,
  hidden: usize,
  gates: usize,
  candidate: usize,
  carried: usize,
): void {
  const rowBytes = (<usize>units) << 2;
  const one = f32x4.splat(1);
  for (let example: usize = 0; example < <usize>examples; example++) {
    const row = example * rowBytes;
    for (let unit = 0; unit < units; unit += 4) {
      const at = (<usize>unit) << 2;
      const lanes = units - unit;
      const d = f32x4.add(v128.load(arriving + example * stride + at), v128.load(carried + row + at));
      const z = v128.load(gates + 2 * row + at);
      const c = v128.load(candidate + row + at);
      const rest = f32x4.sub(one, z);
      const dz = f32x4.mul(f32x4.mul(d, f32x4.sub(v128.load(hidden + row + at), c)), f32x4.mul(z, rest));
      const dc = f32x4.mul(f32x4.mul(d, rest), f32x4.sub(one, f32x4.mul(c, c)));
      storeLanes(gates + 2 * row + at, dz, lanes);
      storeLanes(candidate + row + at, dc, lanes);
      storeLanes(carried + row + at, f32x4.mul(d, z), lanes);
    }
  }
}

/**
 * With `resetGradient` the gradient of r x hidden: r's slot of `gates` takes the gradient of r before its sigmoid, and
 * `carried` gains r x resetGradient.
 */
export function openGatesBackward(
  examples: i32,
  units: i32,
  hidden: usize,
  gates: usize,
  resetGradient: usize,
  carried: usize,
): void {
  const rowBytes = (<usize>units) << 2;
  const one = f32x4.splat(1);
  for (let example: usize = 0; example < <usize>examples; example++) {
    const row = example * rowBytes;
    const rRow = gates + 2 * row + rowBytes;
    for (let unit = 0; unit < units; unit += 4) {
      const at = (<usize>unit) << 2;
      const lanes = units - unit;
      const r = v128.load(rRow + at);
      const d = v128.load(resetGradient + row + at);
      const change = f32x4.mul(f32x4.mul(d, v128.load(hidden + row + at)), f32x4.mul(r, f32x4.sub(one, r)));
      storeLanes(rRow + at, change, lanes);
      storeLanes(carried + row + at, f32x4.add(v128.load(carried + row + at), f32x4.mul(d, r)), lanes);
    }
  }
}

/**
 * Columns of one matrix into another, row by row; strides and widths count bytes. Rows are too short for `memory.copy`, which
 * leaves WebAssembly.
 */
export function copyColumns(
  rows: i32,
  width: usize,
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
): void {
  const whole = width & ~15;
  const rest = <i32>((width & 15) >> 2);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const from = source + row * sourceStride;
    const to = target + row * targetStride;
    for (let at: usize = 0; at < whole; at += 16) v128.store(to + at, v128.load(from + at));
    if (rest > 0) storeLanes(to + whole, v128.load(from + whole), rest);
  }
}

/** As `copyColumns`, but adds to what is there. */
export function addColumns(
  rows: i32,
  width: usize,
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
): void {
  for (let row: usize = 0; row < <usize>rows; row++) {
    const from = source + row * sourceStride;
    const to = target + row * targetStride;
    for (let at: usize = 0; at < width; at += 16) {
      storeLanes(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)), <i32>((width - at) >> 2));
    }
  }
}
