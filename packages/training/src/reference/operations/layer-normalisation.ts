import { openGradient, type ReferenceOperation } from '../operation.ts';

export const layerNormalisation: ReferenceOperation<'layer-normalisation'> = {
  /** The normalised rows, and one over the deviation of each. */
  saved: ({ input }, { values }) => values[input].rows * (values[input].width + 1),

  place({ input, output, scale, shift, epsilon }, placement) {
    const { rows, width } = placement.network.values[input];
    const normalised = placement.saved.subarray(0, rows * width);
    const inverseDeviations = placement.saved.subarray(rows * width);
    const x = placement.value(input);
    const y = placement.value(output);
    const scales = placement.parameter(scale, width);
    const shifts = placement.parameter(shift, width);
    const scaleGradient = placement.parameterGradient(scale, width);
    const shiftGradient = placement.parameterGradient(shift, width);

    return {
      forward() {
        for (let row = 0; row < rows; row += 1) {
          const from = row * width;
          let mean = 0;
          for (let i = 0; i < width; i += 1) mean += x[from + i] / width;
          let variance = 0;
          for (let i = 0; i < width; i += 1) variance += (x[from + i] - mean) ** 2 / width;
          const inverse = 1 / Math.sqrt(variance + epsilon);
          inverseDeviations[row] = inverse;
          for (let i = 0; i < width; i += 1) {
            normalised[from + i] = (x[from + i] - mean) * inverse;
            y[from + i] = normalised[from + i] * scales[i] + shifts[i];
          }
        }
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        for (let row = 0; row < rows; row += 1) {
          const from = row * width;
          // Means of the gradient, plain and along the normalised row: what moving mean and variance takes back.
          let mean = 0;
          let along = 0;
          for (let i = 0; i < width; i += 1) {
            const error = dy[from + i];
            if (scaleGradient) scaleGradient[i] += error * normalised[from + i];
            if (shiftGradient) shiftGradient[i] += error;
            mean += (error * scales[i]) / width;
            along += (error * scales[i] * normalised[from + i]) / width;
          }
          if (!dx) continue;
          for (let i = 0; i < width; i += 1) {
            const own = dy[from + i] * scales[i] - mean - normalised[from + i] * along;
            dx[from + i] += own * inverseDeviations[row];
          }
        }
      },
    };
  },
};
