import { eachWindow } from '../each-window.ts';
import { openGradient, type ReferenceOperation } from '../operation.ts';

export const depthwiseConvolution: ReferenceOperation<'depthwise-convolution'> = {
  saved: () => 0,

  place({ input, output, window, kernel, bias }, placement) {
    const { rows: pixels, width: channels } = placement.network.values[output];
    const kernelSize = window.kernelHeight * window.kernelWidth * channels;
    const x = placement.value(input);
    const y = placement.value(output);
    const weights = placement.parameter(kernel, kernelSize);
    const offsets = placement.parameter(bias, channels);
    const weightGradient = placement.parameterGradient(kernel, kernelSize);
    const offsetGradient = placement.parameterGradient(bias, channels);

    return {
      forward() {
        for (let pixel = 0; pixel < pixels; pixel += 1) y.set(offsets, pixel * channels);
        eachWindow(window, (outputPixel, inputPixel, tap) => {
          for (let channel = 0; channel < channels; channel += 1) {
            y[outputPixel * channels + channel] +=
              x[inputPixel * channels + channel] * weights[tap * channels + channel];
          }
        });
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        if (offsetGradient)
          for (let i = 0; i < pixels * channels; i += 1) offsetGradient[i % channels] += dy[i];
        eachWindow(window, (outputPixel, inputPixel, tap) => {
          for (let channel = 0; channel < channels; channel += 1) {
            const error = dy[outputPixel * channels + channel];
            const at = inputPixel * channels + channel;
            const weight = tap * channels + channel;
            if (weightGradient) weightGradient[weight] += x[at] * error;
            if (dx) dx[at] += weights[weight] * error;
          }
        });
      },
    };
  },
};
