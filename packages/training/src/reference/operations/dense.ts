import { activate, slopeOf } from '../activation.ts';
import { openGradient, type ReferenceOperation } from '../operation.ts';

export const dense: ReferenceOperation<'dense'> = {
  /** What came before the activation. */
  saved: ({ output }, { values }) => values[output].rows * values[output].width,

  place({ input, output, kernel, bias, activation }, placement) {
    const { rows, width: inputs } = placement.network.values[input];
    const outputs = placement.network.values[output].width;
    const { saved } = placement;
    const x = placement.value(input);
    const y = placement.value(output);
    const weights = placement.parameter(kernel, inputs * outputs);
    const offsets = bias && placement.parameter(bias, outputs);
    const weightGradient = placement.parameterGradient(kernel, inputs * outputs);
    const offsetGradient = bias && placement.parameterGradient(bias, outputs);
    const error = new Float64Array(outputs);

    return {
      forward() {
        for (let row = 0; row < rows; row += 1) {
          const sums = saved.subarray(row * outputs, (row + 1) * outputs);
          if (offsets) sums.set(offsets);
          else sums.fill(0);
          for (let i = 0; i < inputs; i += 1) {
            const xi = x[row * inputs + i];
            // Images are mostly background.
            if (xi === 0) continue;
            for (let j = 0; j < outputs; j += 1) sums[j] += xi * weights[i * outputs + j];
          }
          for (let j = 0; j < outputs; j += 1) y[row * outputs + j] = activate(sums[j], activation);
        }
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        for (let row = 0; row < rows; row += 1) {
          for (let j = 0; j < outputs; j += 1) {
            const at = row * outputs + j;
            error[j] = dy[at] * slopeOf(saved[at], activation);
          }
          if (offsetGradient) for (let j = 0; j < outputs; j += 1) offsetGradient[j] += error[j];
          for (let i = 0; i < inputs; i += 1) {
            const xi = x[row * inputs + i];
            const from = i * outputs;
            if (weightGradient && xi !== 0) {
              for (let j = 0; j < outputs; j += 1) weightGradient[from + j] += xi * error[j];
            }
            if (!dx) continue;
            let sum = 0;
            for (let j = 0; j < outputs; j += 1) sum += weights[from + j] * error[j];
            dx[row * inputs + i] += sum;
          }
        }
      },
    };
  },
};
