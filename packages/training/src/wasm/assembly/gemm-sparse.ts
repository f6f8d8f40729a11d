/**
 * Products with inputs that are mostly zeros: images with a black background, rectified values. What is not zero is listed, and only that
 * is multiplied with whole rows in registers. The choice depends on the data alone, so it is the same on every machine.
 */
import { addEntries, addRow, countEntries, WIDE } from './entries';
import { LISTED_DEPTH, LISTED_ROWS, listEnds, listEntries } from './heap';

/** Narrower products cost less than looking. */
const NARROWEST = 32;
/** Of eight inputs so many may differ from zero before the dense products are faster (decision 0015). */
const SPARSE_EIGHTHS = 5;
/** Few rows leave part of a tile's four rows idle: the dense forward product is slower then. */
const FEW_ROWS = 12;
const FEW_ROWS_EIGHTHS = 7;
/** Entries per row of the target from which on the columns go outside of the rows. */
const MANY_ENTRIES = 8;

export function isForwardListed(rows: i32, inner: i32, width: i32, inputs: usize): bool {
  return isListed(rows * inner, width, inputs, rows <= FEW_ROWS ? FEW_ROWS_EIGHTHS : SPARSE_EIGHTHS);
}

export function isKernelGradientListed(rows: i32, inner: i32, width: i32, inputs: usize): bool {
  return isListed(rows * inner, width, inputs, SPARSE_EIGHTHS);
}

function isListed(size: i32, width: i32, inputs: usize, eighths: i32): bool {
  return width >= NARROWEST && countEntries(inputs, size) * 8 <= size * eighths;
}

/** output = input x kernel + bias, then ReLU when `rectify`. */
export function multiplyListed(
  rows: i32,
  inner: i32,
  width: i32,
  input: usize,
  kernel: usize,
  bias: usize,
  output: usize,
  rectify: bool,
): void {
  const inputStride = (<usize>inner) << 2;
  const stride = (<usize>width) << 2;
  for (let row = 0; row < rows; row++) {
    const target = output + <usize>row * stride;
    if (bias) memory.copy(target, bias, stride);
    else memory.fill(target, 0, stride);
  }
  for (let first = 0; first < rows; first += LISTED_ROWS) {
    const count = min(LISTED_ROWS, rows - first);
    const target = output + <usize>first * stride;
    for (let k = 0; k < inner; k += LISTED_DEPTH) {
      const depth = min(LISTED_DEPTH, inner - k);
      listByRow(
        count,
        depth,
        input + <usize>first * inputStride + ((<usize>k) << 2),
        inputStride,
        kernel + <usize>k * stride,
        stride,
      );
      addToColumns(count, width, target, stride);
    }
  }
  if (rectify) rectifyAll(output, rows * width);
}

/** kernelGradient += input^T x gradient. */
export function addListedOuterProducts(
  rows: i32,
  inner: i32,
  width: i32,
  input: usize,
  gradient: usize,
  kernelGradient: usize,
): void {
  const inputStride = (<usize>inner) << 2;
  const stride = (<usize>width) << 2;
  for (let first = 0; first < rows; first += LISTED_ROWS) {
    const count = min(LISTED_ROWS, rows - first);
    for (let from = 0; from < inner; from += LISTED_DEPTH) {
      const depth = min(LISTED_DEPTH, inner - from);
      listByColumn(
        count,
        depth,
        input + <usize>first * inputStride + ((<usize>from) << 2),
        inputStride,
        gradient + <usize>first * stride,
        stride,
      );
      const target = kernelGradient + <usize>from * stride;
      const size = (<usize>(depth * MANY_ENTRIES)) << 3;
      if (load<usize>(listEnds() + ((<usize>(depth - 1)) << 2)) - listEntries() < size) {
        addToRows(depth, width, target, stride);
      } else {
        addToColumns(depth, width, target, stride);
      }
    }
  }
}

/** To each row of the target what has been listed for it: a block of columns after the other. */
function addToColumns(rows: i32, width: i32, target: usize, stride: usize): void {
  for (let column = 0; column < width; ) {
    const at = (<usize>column) << 2;
    addEntries(rows, listEntries(), listEnds(), at, target + at, stride, width - column);
    column += width - column >= WIDE ? WIDE : 8;
  }
}

/** The same, a row after the other. */
function addToRows(rows: i32, width: i32, target: usize, stride: usize): void {
  let entry = listEntries();
  for (let row = 0; row < rows; row++) {
    const end = load<usize>(listEnds() + ((<usize>row) << 2));
    addRow(entry, end, target, width);
    entry = end;
    target += stride;
  }
}

/** Per row, (row of the kernel, input). A zero is written without a branch, and then overwritten. */
function listByRow(
  rows: i32,
  depth: i32,
  input: usize,
  inputStride: usize,
  kernel: usize,
  stride: usize,
): void {
  let entry = listEntries();
  for (let row = 0; row < rows; row++) {
    const end = input + ((<usize>depth) << 2);
    let address = kernel;
    for (let at = input; at < end; at += 4) {
      const value = load<f32>(at);
      store<usize>(entry, address);
      store<f32>(entry, value, 4);
      entry += (<usize>i32(value !== 0)) << 3;
      address += stride;
    }
    store<usize>(listEnds() + ((<usize>row) << 2), entry);
    input += inputStride;
  }
}

/** Per column of the input, (row of the gradient, input). */
function listByColumn(
  rows: i32,
  depth: i32,
  input: usize,
  inputStride: usize,
  gradient: usize,
  stride: usize,
): void {
  let entry = listEntries();
  const last = gradient + <usize>rows * stride;
  for (let k = 0; k < depth; k++) {
    let at = input + ((<usize>k) << 2);
    for (let address = gradient; address < last; address += stride) {
      const value = load<f32>(at);
      store<usize>(entry, address);
      store<f32>(entry, value, 4);
      entry += (<usize>i32(value !== 0)) << 3;
      at += inputStride;
    }
    store<usize>(listEnds() + ((<usize>k) << 2), entry);
  }
}

function rectifyAll(values: usize, size: i32): void {
  const end = values + ((<usize>size) << 2);
  for (; values + 16 <= end; values += 16) {
    v128.store(values, f32x4.max(v128.load(values), f32x4.splat(0)));
  }
  for (; values < end; values += 4) store<f32>(values, max(load<f32>(values), <f32>0));
}
