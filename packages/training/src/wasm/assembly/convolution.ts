/**
 * Convolution (cross-correlation), channels last, any stride and padding, image by image. The image is copied into a border of
 * zeros (`padded`); then the patch of an output pixel is kernelHeight runs of kernelWidth x channels floats, and no patch is
 * ever copied.
 */
import {
  ConvolutionLayout,
  clearPadded,
  copyFromPadded,
  copyToPadded,
  segmentFloats,
  transposedRowBytes,
} from './convolution-layout';
import {
  addSparseKernelGradient,
  addTransposed,
  isSparse,
  listEntries,
  scatterSparseInputGradient,
  transposeKernel,
} from './convolution-sparse';
import { packPanels, panelBytes } from './packing';
import { tabulateWindows } from './row-table';
import { ADD, addOuterProducts, multiplyPanel, RECTIFY } from './tile';

/** A panel of so many rows leaves room for images in the first cache. */
const PANEL_DEPTH = 1024;

/** output = convolution of the input with the kernel + bias, then ReLU when `rectify`. */
export function convolutionForward(
  layoutAt: usize,
  examples: i32,
  input: usize,
  kernel: usize,
  bias: usize,
  output: usize,
  rectify: bool,
): void {
  const layout = changetype<ConvolutionLayout>(layoutAt);
  const filters = layout.filters;
  const pixels = layout.outputHeight * layout.outputWidth;
  const outputStride = (<usize>filters) << 2;
  const run = segmentFloats(layout);
  const depth = layout.kernelHeight * run;
  const rowBytes = (<usize>(layout.paddedWidth * layout.channels)) << 2;
  const group = max(1, PANEL_DEPTH / run);
  const inputBytes = (<usize>(layout.inputHeight * layout.inputWidth * layout.channels)) << 2;
  packPanels(kernel, outputStride, depth, filters, layout.kernel);
  tabulate(layout, 0);
  clearPadded(layout);
  for (let example = 0; example < examples; example++) {
    copyToPadded(layout, input);
    for (let ky = 0; ky < layout.kernelHeight; ky += group) {
      const segments = min(group, layout.kernelHeight - ky);
      const isLast = ky + segments === layout.kernelHeight;
      const mode = (ky > 0 ? ADD : 0) | (rectify && isLast ? RECTIFY : 0);
      for (let filter = 0; filter < filters; filter += 8) {
        const at = (<usize>filter) << 2;
        multiplyPanel(
          pixels,
          layout.table,
          <usize>ky * rowBytes,
          output + at,
          segments,
          (<usize>run) << 2,
          rowBytes,
          layout.kernel + <usize>(filter >> 3) * panelBytes(depth) + ((<usize>(ky * run)) << 5),
          32,
          filters - filter,
          ky === 0 && bias ? bias + at : 0,
          mode,
        );
      }
    }
    input += inputBytes;
    output += <usize>pixels * outputStride;
  }
}

/**
 * kernelGradient += and inputGradient = (or += when `add`), for the gradient of the output (before its activation). An
 * address of 0 leaves that result out.
 */
export function convolutionBackward(
  layoutAt: usize,
  examples: i32,
  input: usize,
  kernel: usize,
  gradient: usize,
  kernelGradient: usize,
  inputGradient: usize,
  add: bool,
): void {
  const layout = changetype<ConvolutionLayout>(layoutAt);
  const inputBytes = (<usize>(layout.inputHeight * layout.inputWidth * layout.channels)) << 2;
  const gradientBytes = (<usize>(layout.outputHeight * layout.outputWidth * layout.filters)) << 2;
  const transposedBytes = <usize>layout.filters * transposedRowBytes(layout);
  if (inputGradient) transposeKernel(layout, kernel);
  memory.fill(layout.kernelGradient, 0, transposedBytes);
  let sparseOnes = 0;
  for (let example = 0; example < examples; example++) {
    const sparse = isSparse(layout, gradient);
    tabulate(layout, gradient);
    if (sparse) listEntries(layout, gradient);
    if (kernelGradient) {
      clearPadded(layout);
      copyToPadded(layout, input);
      if (sparse) addSparseKernelGradient(layout);
      else addDenseKernelGradient(layout, kernelGradient);
      sparseOnes += i32(sparse);
    }
    if (inputGradient) {
      clearPadded(layout);
      if (sparse) scatterSparseInputGradient(layout);
      else scatterDenseInputGradient(layout);
      copyFromPadded(layout, inputGradient, add);
      inputGradient += inputBytes;
    }
    input += inputBytes;
    gradient += gradientBytes;
  }
  if (sparseOnes) addTransposed(layout, kernelGradient);
}

/** Rows that read the padded image and whose other address is a row of `output`. */
function tabulate(layout: ConvolutionLayout, output: usize): void {
  tabulateWindows(
    layout.outputHeight,
    layout.outputWidth,
    layout.padded,
    (<usize>layout.channels) << 2,
    layout.paddedWidth,
    layout.stride,
    output,
    (<usize>layout.filters) << 2,
    layout.table,
  );
}

function addDenseKernelGradient(layout: ConvolutionLayout, kernelGradient: usize): void {
  const filters = layout.filters;
  const pixels = layout.outputHeight * layout.outputWidth;
  const stride = (<usize>filters) << 2;
  const run = segmentFloats(layout);
  const rowBytes = (<usize>(layout.paddedWidth * layout.channels)) << 2;
  for (let ky = 0; ky < layout.kernelHeight; ky++) {
    for (let filter = 0; filter < filters; filter += 8) {
      for (let k = 0; k < run; k += 4) {
        addOuterProducts(
          pixels,
          layout.table,
          <usize>ky * rowBytes + ((<usize>k) << 2),
          (<usize>filter) << 2,
          kernelGradient + <usize>(ky * run + k) * stride + ((<usize>filter) << 2),
          stride,
          run - k,
          filters - filter,
        );
      }
    }
  }
}

/** For each place in the window: the pixels that it reads get its share, row by row of the transposed kernel. */
function scatterDenseInputGradient(layout: ConvolutionLayout): void {
  const channels = layout.channels;
  const pixels = layout.outputHeight * layout.outputWidth;
  const rowBytes = (<usize>(layout.paddedWidth * channels)) << 2;
  const run = transposedRowBytes(layout) / layout.kernelHeight;
  swapAddresses(layout);
  for (let ky = 0; ky < layout.kernelHeight; ky++) {
    for (let kx = 0; kx < layout.kernelWidth; kx++) {
      for (let channel = 0; channel < channels; channel += 8) {
        const at = (<usize>(kx * channels + channel)) << 2;
        multiplyPanel(
          pixels,
          layout.table,
          0,
          <usize>ky * rowBytes + at,
          1,
          (<usize>layout.filters) << 2,
          0,
          layout.kernel + <usize>ky * run + at,
          transposedRowBytes(layout),
          channels - channel,
          0,
          ADD,
        );
      }
    }
  }
}

/** Rows now read the gradient and write the padded image. */
function swapAddresses(layout: ConvolutionLayout): void {
  const pixels = layout.outputHeight * layout.outputWidth;
  const end = layout.table + ((<usize>((pixels + 3) & ~3)) << 3);
  for (let entry = layout.table; entry < end; entry += 8) {
    const first = load<usize>(entry);
    store<usize>(entry, load<usize>(entry, 4));
    store<usize>(entry, first, 4);
  }
}
