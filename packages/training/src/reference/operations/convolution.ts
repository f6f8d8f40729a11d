import { activate, slopeOf } from '../activation.ts';
import { eachWindow } from '../each-window.ts';
import { openGradient, type ReferenceOperation } from '../operation.ts';

export const convolution: ReferenceOperation<'convolution'> = {
  /** What came before the activation. */
  saved: ({ output }, { values }) => values[output].rows * values[output].width,

  place({ input, output, window, kernel, bias, activation }, placement) {
    const channels = placement.network.values[input].width;
    const { rows: pixels, width: filters } = placement.network.values[output];
    const kernelSize = window.kernelHeight * window.kernelWidth * channels * filters;
    const { saved } = placement;
    const x = placement.value(input);
    const y = placement.value(output);
    const weights = placement.parameter(kernel, kernelSize);
    const offsets = placement.parameter(bias, filters);
    const weightGradient = placement.parameterGradient(kernel, kernelSize);
    const offsetGradient = placement.parameterGradient(bias, filters);
    const error = new Float64Array(pixels * filters);

    return {
      forward() {
        for (let pixel = 0; pixel < pixels; pixel += 1) saved.set(offsets, pixel * filters);
        eachWindow(window, (outputPixel, inputPixel, tap) => {
          const to = outputPixel * filters;
          for (let channel = 0; channel < channels; channel += 1) {
            const value = x[inputPixel * channels + channel];
            if (value === 0) continue;
            const from = (tap * channels + channel) * filters;
            for (let filter = 0; filter < filters; filter += 1)
              saved[to + filter] += value * weights[from + filter];
          }
        });
        for (let i = 0; i < pixels * filters; i += 1) y[i] = activate(saved[i], activation);
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        for (let i = 0; i < pixels * filters; i += 1) {
          error[i] = dy[i] * slopeOf(saved[i], activation);
          if (offsetGradient) offsetGradient[i % filters] += error[i];
        }
        eachWindow(window, (outputPixel, inputPixel, tap) => {
          const to = outputPixel * filters;
          for (let channel = 0; channel < channels; channel += 1) {
            const at = inputPixel * channels + channel;
            const from = (tap * channels + channel) * filters;
            const value = x[at];
            if (weightGradient && value !== 0) {
              for (let filter = 0; filter < filters; filter += 1)
                weightGradient[from + filter] += value * error[to + filter];
            }
            if (!dx) continue;
            let sum = 0;
            for (let filter = 0; filter < filters; filter += 1)
              sum += weights[from + filter] * error[to + filter];
            dx[at] += sum;
          }
        });
      },
    };
  },
};
