/**
 * A gradient that comes through max pooling and ReLU is mostly zeros: at most one entry in four differs, often one in ten. Where
 * that is so the entries are listed, and only they are multiplied: with whole runs of the image for the kernel's gradient, with whole
 * rows of the transposed kernel for the input's, both in registers. The choice depends on the data alone.
 */
import { ConvolutionLayout, segmentFloats, transposedRowBytes } from './convolution-layout';
import { addEntries, addEntriesByTable, countEntries, WIDE } from './entries';

/** One entry in so many may differ from zero before the dense products are faster (decision 0015). */
const SPARSE_DENOMINATOR = 2;

export function isSparse(layout: ConvolutionLayout, gradient: usize): bool {
  const size = layout.outputHeight * layout.outputWidth * layout.filters;
  return countEntries(gradient, size) * SPARSE_DENOMINATOR <= size;
}

/** Lists what is not zero twice: by pixel as (row of the transposed kernel, value), by filter as (first pixel of the window, value). */
export function listEntries(layout: ConvolutionLayout, gradient: usize): void {
  const filters = layout.filters;
  const pixels = layout.outputHeight * layout.outputWidth;
  let entry = layout.entries;
  // Without a branch: a zero's entry is written, too, and then overwritten.
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let filter = 0; filter < filters; filter++) {
      const value = load<f32>(gradient);
      store<i32>(entry, filter);
      store<f32>(entry, value, 4);
      entry += (<usize>i32(value !== 0)) << 3;
      gradient += 4;
    }
    store<usize>(layout.pixelEnds + ((<usize>pixel) << 2), entry);
  }
  sortByFilter(layout, entry);
  const rowBytes = transposedRowBytes(layout);
  for (let at = layout.entries; at < entry; at += 8) {
    store<usize>(at, layout.kernel + <usize>load<i32>(at) * rowBytes);
  }
}

/** Counts, adds up, places. */
function sortByFilter(layout: ConvolutionLayout, end: usize): void {
  const ends = layout.filterEnds;
  memory.fill(ends, 0, (<usize>layout.filters) << 2);
  for (let entry = layout.entries; entry < end; entry += 8) {
    const count = ends + ((<usize>load<i32>(entry)) << 2);
    store<usize>(count, load<usize>(count) + 8);
  }
  let start = layout.filterEntries;
  for (let filter = 0; filter < layout.filters; filter++) {
    const at = ends + ((<usize>filter) << 2);
    const size = load<usize>(at);
    store<usize>(at, start);
    start += size;
  }
  const pixels = layout.outputHeight * layout.outputWidth;
  let entry = layout.entries;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const window = load<usize>(layout.table + ((<usize>pixel) << 3));
    const last = load<usize>(layout.pixelEnds + ((<usize>pixel) << 2));
    for (; entry < last; entry += 8) {
      const at = ends + ((<usize>load<i32>(entry)) << 2);
      const place = load<usize>(at);
      store<usize>(place, window);
      store<f32>(place, load<f32>(entry, 4), 4);
      store<usize>(at, place + 8);
    }
  }
}

/** Gradient of the transposed kernel: per filter, its entries times the windows that they look at. */
export function addSparseKernelGradient(layout: ConvolutionLayout): void {
  const run = (segmentFloats(layout) + 7) & ~7;
  const imageRow = (<usize>(layout.paddedWidth * layout.channels)) << 2;
  for (let ky = 0; ky < layout.kernelHeight; ky++) {
    for (let k = 0; k < run; ) {
      addEntries(
        layout.filters,
        layout.filterEntries,
        layout.filterEnds,
        <usize>ky * imageRow + ((<usize>k) << 2),
        layout.kernelGradient + ((<usize>(ky * run + k)) << 2),
        transposedRowBytes(layout),
        run - k,
      );
      k += run - k >= WIDE ? WIDE : 8;
    }
  }
}

/** Gradient of the padded image: to each window, its entries times rows of the transposed kernel. */
export function scatterSparseInputGradient(layout: ConvolutionLayout): void {
  const run = (segmentFloats(layout) + 7) & ~7;
  const imageRow = (<usize>(layout.paddedWidth * layout.channels)) << 2;
  for (let ky = 0; ky < layout.kernelHeight; ky++) {
    for (let k = 0; k < run; ) {
      addEntriesByTable(
        layout.outputHeight * layout.outputWidth,
        layout.entries,
        layout.pixelEnds,
        (<usize>(ky * run + k)) << 2,
        layout.table,
        <usize>ky * imageRow + ((<usize>k) << 2),
        run - k,
      );
      k += run - k >= WIDE ? WIDE : 8;
    }
  }
}

/** Row per filter, a run per kernel row; what fills a run up is zero. */
export function transposeKernel(layout: ConvolutionLayout, kernel: usize): void {
  const filters = layout.filters;
  const stride = (<usize>filters) << 2;
  const run = segmentFloats(layout);
  const skip = (<usize>(((run + 7) & ~7) - run)) << 2;
  let target = layout.kernel;
  memory.fill(target, 0, <usize>filters * transposedRowBytes(layout));
  for (let filter = 0; filter < filters; filter++) {
    let source = kernel + ((<usize>filter) << 2);
    for (let ky = 0; ky < layout.kernelHeight; ky++) {
      for (let k = 0; k < run; k++) {
        store<f32>(target, load<f32>(source));
        source += stride;
        target += 4;
      }
      target += skip;
    }
  }
}

/** kernelGradient += the transposed gradient, turned back. */
export function addTransposed(layout: ConvolutionLayout, kernelGradient: usize): void {
  const filters = layout.filters;
  const stride = (<usize>filters) << 2;
  const run = segmentFloats(layout);
  const skip = (<usize>(((run + 7) & ~7) - run)) << 2;
  let source = layout.kernelGradient;
  for (let filter = 0; filter < filters; filter++) {
    let target = kernelGradient + ((<usize>filter) << 2);
    for (let ky = 0; ky < layout.kernelHeight; ky++) {
      for (let k = 0; k < run; k++) {
        store<f32>(target, load<f32>(target) + load<f32>(source));
        target += stride;
        source += 4;
      }
      source += skip;
    }
  }
}
