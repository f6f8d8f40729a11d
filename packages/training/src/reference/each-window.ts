import type { Window } from '../network/network.ts';

/**
 * Visits each pair of an output pixel and an input pixel that its window covers, in reading order of both; padding is left
 * out. `tap` is the place within the kernel.
 */
export function eachWindow(
  window: Window,
  visit: (outputPixel: number, inputPixel: number, tap: number) => void,
): void {
  const { outputHeight, outputWidth, inputHeight, inputWidth, kernelHeight, kernelWidth } = window;
  for (let outputY = 0; outputY < outputHeight; outputY += 1) {
    for (let outputX = 0; outputX < outputWidth; outputX += 1) {
      for (let tap = 0; tap < kernelHeight * kernelWidth; tap += 1) {
        const y = outputY * window.stride - window.paddingTop + Math.floor(tap / kernelWidth);
        const x = outputX * window.stride - window.paddingLeft + (tap % kernelWidth);
        if (y < 0 || y >= inputHeight || x < 0 || x >= inputWidth) continue;
        visit(outputY * outputWidth + outputX, y * inputWidth + x, tap);
      }
    }
  }
}
