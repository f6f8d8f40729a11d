/**
 * Gradients of up-sampling, for every backend. Those of tfjs 4.22 are wrong for images that are not square, on its CPU backend,
 * too: `test/layer-gradients.slow.test.ts` holds these against central differences.
 *
 * Resizing is linear in the rows and in the columns of an image: output = rows x image x columns^T per channel. So the
 * gradient is rows^T x gradient x columns.
 */
import * as tf from '@tensorflow/tfjs-core';

interface Resizing {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}
type Image = readonly [examples: number, height: number, width: number, channels: number];
/** Which inputs along a side an output is made of, and how much of each. */
type Shares = (output: number, scale: number, size: number) => readonly (readonly [number, number])[];

export function registerResizeGradients(): void {
  register(tf.ResizeNearestNeighbor, nearestShares);
  register(tf.ResizeBilinear, bilinearShares);
}

function register(kernelName: string, sharesOf: (resizing: Resizing) => Shares): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['images'],
    gradFunc: (gradient, [images], attributes) => ({
      images: () => {
        const resizing = attributes as unknown as Resizing;
        const [examples, height, width, channels] = images.shape as unknown as Image;
        const [, rows, columns] = (gradient as tf.Tensor).shape as unknown as Image;
        const along = (input: number, output: number) =>
          transposedMatrix({ input, output, resizing, shares: sharesOf(resizing) });
        const byRows = tf.matMul(
          along(height, rows),
          tf.reshape(gradient as tf.Tensor, [examples, rows, columns * channels]),
        );
        const byColumns = tf.matMul(
          along(width, columns),
          tf.reshape(byRows, [examples * height, columns, channels]),
        );
        return tf.reshape(byColumns, [examples, height, width, channels]);
      },
    }),
  });
}

/** [input, output]; one matrix for the whole batch. */
function transposedMatrix(side: {
  readonly input: number;
  readonly output: number;
  readonly resizing: Resizing;
  readonly shares: Shares;
}): tf.Tensor3D {
  const { input, output, resizing, shares } = side;
  const aligned = resizing.alignCorners && output > 1;
  const scale = aligned ? (input - 1) / (output - 1) : input / output;
  const matrix = new Float32Array(input * output);
  for (let place = 0; place < output; place += 1) {
    for (const [source, share] of shares(place, scale, input)) matrix[source * output + place] += share;
  }
  return tf.tensor3d(matrix, [1, input, output]);
}

function nearestShares({ alignCorners, halfPixelCenters }: Resizing): Shares {
  return (output, scale, size) => {
    const place = scale * (halfPixelCenters ? output + 0.5 : output);
    return [[Math.min(size - 1, alignCorners ? Math.round(place) : Math.floor(place)), 1]];
  };
}

function bilinearShares({ halfPixelCenters }: Resizing): Shares {
  return (output, scale, size) => {
    const place = Math.max(0, halfPixelCenters ? scale * (output + 0.5) - 0.5 : scale * output);
    const before = Math.min(size - 1, Math.floor(place));
    const after = Math.min(size - 1, before + 1);
    return [
      [before, 1 - (place - before)],
      [after, place - before],
    ];
  };
}
