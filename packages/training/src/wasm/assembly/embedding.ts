/** Rows of a table, gathered by character and scattered back: the backward pass is an unsorted segment sum. */
import { maskOf, storeLanes } from './lanes';

/** output row = table[character] + positions[row % length]; `positions` is 0 where there are none. */
export function gatherRows(
  rows: i32,
  length: i32,
  width: i32,
  characters: usize,
  table: usize,
  positions: usize,
  output: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    const character = <usize>load<f32>(characters + ((<usize>row) << 2));
    const source = table + character * rowBytes;
    const target = output + <usize>row * rowBytes;
    if (positions === 0) {
      memory.copy(target, source, rowBytes);
      continue;
    }
    const position = positions + <usize>(row % length) * rowBytes;
    let at: usize = 0;
    for (; at + 16 <= rowBytes; at += 16) {
      v128.store(target + at, f32x4.add(v128.load(source + at), v128.load(position + at)));
    }
    for (; at < rowBytes; at += 4) store<f32>(target + at, load<f32>(source + at) + load<f32>(position + at));
  }
}

/** tableGradient[character] += gradient row. */
export function scatterRows(
  rows: i32,
  width: i32,
  characters: usize,
  gradients: usize,
  tableGradient: usize,
): void {
  const rowBytes = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    const character = <usize>load<f32>(characters + ((<usize>row) << 2));
    addRow(gradients + <usize>row * rowBytes, tableGradient + character * rowBytes, rowBytes);
  }
}

/** target[i] += sum over examples of gradient[example][i], for `size` bytes per example. */
export function sumOverExamples(examples: i32, size: usize, gradients: usize, target: usize): void {
  for (let example = 0; example < examples; example++)
    addRow(gradients + <usize>example * size, target, size);
}

function addRow(source: usize, target: usize, rowBytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= rowBytes; at += 16) {
    v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)));
  }
  for (; at < rowBytes; at += 4) store<f32>(target + at, load<f32>(target + at) + load<f32>(source + at));
}

/** output[example] = mean of its rows. */
export function meanOfRows(examples: i32, rows: i32, width: i32, input: usize, output: usize): void {
  const rowBytes = (<usize>width) << 2;
  const share = f32x4.splat(<f32>1 / <f32>rows);
  for (let example = 0; example < examples; example++) {
    const image = input + <usize>example * <usize>rows * rowBytes;
    for (let column = 0; column < width; column += 4) {
      const first = image + ((<usize>column) << 2);
      let sum = f32x4.splat(0);
      for (let row = 0; row < rows; row++) sum = f32x4.add(sum, v128.load(first + <usize>row * rowBytes));
      const target = output + <usize>example * rowBytes + ((<usize>column) << 2);
      storeLanes(target, f32x4.mul(sum, share), width - column);
    }
  }
}

/** Each row of an example's gradient is (plus, where `adds`) 1 / rows of the gradient of its mean. */
export function spreadOverRows(
  examples: i32,
  rows: i32,
  width: i32,
  gradient: usize,
  inputGradient: usize,
  adds: bool,
): void {
  const rowBytes = (<usize>width) << 2;
  const share = f32x4.splat(<f32>1 / <f32>rows);
  const kept = maskOf(adds ? 4 : 0);
  for (let example = 0; example < examples; example++) {
    const source = gradient + <usize>example * rowBytes;
    const image = inputGradient + <usize>example * <usize>rows * rowBytes;
    for (let row = 0; row < rows; row++) {
      const target = image + <usize>row * rowBytes;
      for (let column = 0; column < width; column += 4) {
        const at = (<usize>column) << 2;
        const before = v128.and(v128.load(target + at), kept);
        const change = f32x4.mul(share, v128.load(source + at));
        storeLanes(target + at, f32x4.add(before, change), width - column);
      }
    }
  }
}
