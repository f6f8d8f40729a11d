/** Matrix products. All matrices are row-major and without padding: a row of width n takes 4 n bytes. */
import {
  addListedOuterProducts,
  isForwardListed,
  isKernelGradientListed,
  multiplyListed,
} from './gemm-sparse';
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS, blockPanels, blockTable } from './heap';
import { packPanels, packTransposedPanels, panelBytes } from './packing';
import { tabulateRows } from './row-table';
import { ADD, addOuterProducts, multiplyPanel, RECTIFY } from './tile';

/**
 * output = input x kernel + bias, then ReLU when `rectify`. Input [rows, inner], kernel [inner, width]; `bias` 0 means none.
 */
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
  if (isForwardListed(rows, inner, width, input)) {
    multiplyListed(rows, inner, width, input, kernel, bias, output, rectify);
    return;
  }
  const table = blockTable();
  const packed = blockPanels();
  const inputStride = (<usize>inner) << 2;
  const stride = (<usize>width) << 2;
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, rows - row);
    tabulateRows(
      count,
      input + <usize>row * inputStride,
      inputStride,
      output + <usize>row * stride,
      stride,
      table,
    );
    for (let k = 0; k < inner; k += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, inner - k);
      const mode = (k > 0 ? ADD : 0) | (rectify && k + depth === inner ? RECTIFY : 0);
      for (let from = 0; from < width; from += BLOCK_COLUMNS) {
        const columns = min(BLOCK_COLUMNS, width - from);
        packPanels(kernel + <usize>k * stride + ((<usize>from) << 2), stride, depth, columns, packed);
        for (let column = 0; column < columns; column += 8) {
          const at = (<usize>(from + column)) << 2;
          multiplyPanel(
            count,
            table,
            (<usize>k) << 2,
            at,
            1,
            (<usize>depth) << 2,
            0,
            packed + <usize>(column >> 3) * panelBytes(depth),
            32,
            columns - column,
            bias && k === 0 ? bias + at : 0,
            mode,
          );
        }
      }
    }
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
  const table = blockTable();
  const packed = blockPanels();
  const inputStride = (<usize>inner) << 2;
  const stride = (<usize>width) << 2;
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, rows - row);
    tabulateRows(
      count,
      gradient + <usize>row * stride,
      stride,
      inputGradient + <usize>row * inputStride,
      inputStride,
      table,
    );
    for (let column = 0; column < width; column += BLOCK_DEPTH) {
      const depth = min(BLOCK_DEPTH, width - column);
      const mode = add || column > 0 ? ADD : 0;
      for (let from = 0; from < inner; from += BLOCK_COLUMNS) {
        const columns = min(BLOCK_COLUMNS, inner - from);
        packTransposedPanels(
          kernel + <usize>from * stride + ((<usize>column) << 2),
          stride,
          depth,
          columns,
          packed,
        );
        for (let k = 0; k < columns; k += 8) {
          multiplyPanel(
            count,
            table,
            (<usize>column) << 2,
            (<usize>(from + k)) << 2,
            1,
            (<usize>depth) << 2,
            0,
            packed + <usize>(k >> 3) * panelBytes(depth),
            32,
            columns - k,
            0,
            mode,
          );
        }
      }
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
  if (isKernelGradientListed(rows, inner, width, input)) {
    addListedOuterProducts(rows, inner, width, input, gradient, kernelGradient);
    return;
  }
  const table = blockTable();
  const inputStride = (<usize>inner) << 2;
  const stride = (<usize>width) << 2;
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, rows - row);
    tabulateRows(
      count,
      input + <usize>row * inputStride,
      inputStride,
      gradient + <usize>row * stride,
      stride,
      table,
    );
    // A block of the inputs stays in the first cache while all columns of the gradient pass.
    for (let from = 0; from < inner; from += BLOCK_COLUMNS) {
      const last = min(from + BLOCK_COLUMNS, inner);
      for (let column = 0; column < width; column += 8) {
        for (let k = from; k < last; k += 4) {
          addOuterProducts(
            count,
            table,
            (<usize>k) << 2,
            (<usize>column) << 2,
            kernelGradient + <usize>k * stride + ((<usize>column) << 2),
            stride,
            last - k,
            width - column,
          );
        }
      }
    }
  }
}

/** target += sum of the rows. */
export function addColumnSums(rows: i32, width: i32, matrix: usize, target: usize): void {
  const stride = (<usize>width) << 2;
  let column: usize = 0;
  for (; column + 16 <= stride; column += 16) {
    let sum = f32x4.splat(0);
    for (let row = 0; row < rows; row++)
      sum = f32x4.add(sum, v128.load(matrix + <usize>row * stride + column));
    v128.store(target + column, f32x4.add(v128.load(target + column), sum));
  }
  for (; column < stride; column += 4) {
    let sum: f32 = 0;
    for (let row = 0; row < rows; row++) sum += load<f32>(matrix + <usize>row * stride + column);
    store<f32>(target + column, load<f32>(target + column) + sum);
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
