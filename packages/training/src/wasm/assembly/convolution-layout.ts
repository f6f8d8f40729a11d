/** Where a convolution's working memory lies; `convolutionScratchBytes` of ../convolution-kernels.ts counts the same. */

/** Fields lie one after the other, four bytes each. */
export class ConvolutionLayout {
  inputHeight: i32;
  inputWidth: i32;
  channels: i32;
  outputHeight: i32;
  outputWidth: i32;
  filters: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  stride: i32;
  paddingTop: i32;
  paddingLeft: i32;
  paddedHeight: i32;
  paddedWidth: i32;
  /** The image within zeros. */
  padded: usize;
  /** Row table of the output pixels. */
  table: usize;
  /** The kernel in panels, or transposed. */
  kernel: usize;
  /** Gradient of the transposed kernel. */
  kernelGradient: usize;
  /** Of one image's gradient, what is not zero, pixel by pixel: 8 bytes each. */
  entries: usize;
  /** Per pixel, the end of its entries. */
  pixelEnds: usize;
  /** The same filter by filter. */
  filterEntries: usize;
  /** Per filter, the end of its entries. */
  filterEnds: usize;
  end: usize;
}

/** Writes the layout at `scratch`, with everything that it points to behind it. Returns the first address not used. */
export function layOutConvolution(
  scratch: usize,
  inputHeight: i32,
  inputWidth: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  filters: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  paddingTop: i32,
  paddingLeft: i32,
): usize {
  const layout = changetype<ConvolutionLayout>(scratch);
  layout.inputHeight = inputHeight;
  layout.inputWidth = inputWidth;
  layout.channels = channels;
  layout.outputHeight = outputHeight;
  layout.outputWidth = outputWidth;
  layout.filters = filters;
  layout.kernelHeight = kernelHeight;
  layout.kernelWidth = kernelWidth;
  layout.stride = stride;
  layout.paddingTop = paddingTop;
  layout.paddingLeft = paddingLeft;
  layout.paddedHeight = max((outputHeight - 1) * stride + kernelHeight, paddingTop + inputHeight);
  layout.paddedWidth = max((outputWidth - 1) * stride + kernelWidth, paddingLeft + inputWidth);
  const pixels = outputHeight * outputWidth;
  const transposed = <usize>filters * transposedRowBytes(layout);
  const panels = ((<usize>((filters + 7) & ~7)) << 2) * <usize>(kernelHeight * kernelWidth * channels);
  // Listed only where at most half of a gradient is not zero (convolution-sparse.ts).
  const entries = ((<usize>(pixels * filters)) << 2) + 64;
  layout.padded = aligned(scratch + 128);
  layout.table = aligned(layout.padded + paddedBytes(layout) + 64);
  layout.kernel = aligned(layout.table + ((<usize>((pixels + 3) & ~3)) << 3));
  layout.kernelGradient = aligned(layout.kernel + max(transposed, panels) + 64);
  layout.entries = aligned(layout.kernelGradient + transposed + 64);
  layout.pixelEnds = aligned(layout.entries + entries);
  layout.filterEntries = aligned(layout.pixelEnds + ((<usize>pixels) << 2));
  layout.filterEnds = aligned(layout.filterEntries + entries);
  layout.end = aligned(layout.filterEnds + ((<usize>filters) << 2));
  return layout.end;
}

/** Floats of one run of a patch. */
export function segmentFloats(layout: ConvolutionLayout): i32 {
  return layout.kernelWidth * layout.channels;
}

/** A row of the transposed kernel has a run per kernel row, filled up to whole eights. */
export function transposedRowBytes(layout: ConvolutionLayout): usize {
  return (<usize>(layout.kernelHeight * ((segmentFloats(layout) + 7) & ~7))) << 2;
}

export function clearPadded(layout: ConvolutionLayout): void {
  memory.fill(layout.padded, 0, paddedBytes(layout));
}

export function copyToPadded(layout: ConvolutionLayout, image: usize): void {
  const rowBytes = (<usize>(layout.inputWidth * layout.channels)) << 2;
  let target = firstPixel(layout);
  for (let y = 0; y < layout.inputHeight; y++) {
    memory.copy(target, image, rowBytes);
    target += paddedRowBytes(layout);
    image += rowBytes;
  }
}

export function copyFromPadded(layout: ConvolutionLayout, image: usize, add: bool): void {
  const rowBytes = (<usize>(layout.inputWidth * layout.channels)) << 2;
  let source = firstPixel(layout);
  for (let y = 0; y < layout.inputHeight; y++) {
    if (add) {
      let at: usize = 0;
      for (; at + 16 <= rowBytes; at += 16) {
        v128.store(image + at, f32x4.add(v128.load(image + at), v128.load(source + at)));
      }
      for (; at < rowBytes; at += 4) {
        store<f32>(image + at, load<f32>(image + at) + load<f32>(source + at));
      }
    } else {
      memory.copy(image, source, rowBytes);
    }
    source += paddedRowBytes(layout);
    image += rowBytes;
  }
}

function firstPixel(layout: ConvolutionLayout): usize {
  return (
    layout.padded +
    <usize>layout.paddingTop * paddedRowBytes(layout) +
    ((<usize>(layout.paddingLeft * layout.channels)) << 2)
  );
}

function paddedRowBytes(layout: ConvolutionLayout): usize {
  return (<usize>(layout.paddedWidth * layout.channels)) << 2;
}

function paddedBytes(layout: ConvolutionLayout): usize {
  return <usize>layout.paddedHeight * paddedRowBytes(layout);
}

function aligned(address: usize): usize {
  return (address + 63) & ~63;
}
