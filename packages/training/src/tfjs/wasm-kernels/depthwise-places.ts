/** Which values of a depthwise convolution meet: the story that its two gradients share. */
import type { backend_util } from '@tensorflow/tfjs-core';

/**
 * Calls back for each place of the output and each place of the window over it that lies within the image, with the
 * offsets of their first channels. Output channels are `inChannels` groups of `multiplier`.
 */
export function forEachPlace(
  sizes: backend_util.Conv2DInfo,
  visit: (input: number, filter: number, output: number) => void,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = sizes;
  for (let example = 0; example < batchSize; example += 1) {
    for (let y = 0; y < outHeight; y += 1) {
      for (let x = 0; x < outWidth; x += 1) {
        const output = ((example * outHeight + y) * outWidth + x) * outChannels;
        for (let i = 0; i < sizes.filterHeight; i += 1) {
          const row = y * sizes.strideHeight + i * sizes.dilationHeight - sizes.padInfo.top;
          if (row < 0 || row >= inHeight) continue;
          for (let j = 0; j < sizes.filterWidth; j += 1) {
            const column = x * sizes.strideWidth + j * sizes.dilationWidth - sizes.padInfo.left;
            if (column < 0 || column >= inWidth) continue;
            visit(
              ((example * inHeight + row) * inWidth + column) * inChannels,
              (i * sizes.filterWidth + j) * outChannels,
              output,
            );
          }
        }
      }
    }
  }
}
