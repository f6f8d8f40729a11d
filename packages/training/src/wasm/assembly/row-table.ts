/**
 * Row tables: where each row of a product reads and where it writes (8 bytes per row: two addresses), after the indirection
 * buffer of Dukhan 2019, "The Indirect Convolution Algorithm". A convolution then is a matrix product whose rows overlap in
 * memory, and needs no copy of its patches. Tables are filled up to a multiple of four rows with the last one.
 */

export function tabulateRows(
  rows: i32,
  input: usize,
  inputStride: usize,
  output: usize,
  outputStride: usize,
  table: usize,
): void {
  const full = (rows + 3) & ~3;
  for (let row = 0; row < full; row++) {
    const index = <usize>min(row, rows - 1);
    store<usize>(table, input + index * inputStride);
    store<usize>(table, output + index * outputStride, 4);
    table += 8;
  }
}

/** One row per output pixel: it reads at its window's first pixel, `stride` pixels after its neighbour's. */
export function tabulateWindows(
  outputHeight: i32,
  outputWidth: i32,
  image: usize,
  pixelBytes: usize,
  imageWidth: i32,
  stride: i32,
  output: usize,
  outputStride: usize,
  table: usize,
): void {
  const first = table;
  for (let y = 0; y < outputHeight; y++) {
    for (let x = 0; x < outputWidth; x++) {
      store<usize>(table, image + <usize>(y * stride * imageWidth + x * stride) * pixelBytes);
      store<usize>(table, output, 4);
      output += outputStride;
      table += 8;
    }
  }
  while ((table - first) & 31) {
    store<u64>(table, load<u64>(table - 8));
    table += 8;
  }
}
