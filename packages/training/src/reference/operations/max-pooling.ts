import { eachWindow } from '../each-window.ts';
import { openGradient, type ReferenceOperation } from '../operation.ts';

export const maxPooling: ReferenceOperation<'max-pooling'> = {
  /** Where each highest value was found. */
  saved: ({ output }, { values }) => values[output].rows * values[output].width,

  place({ input, output, window }, placement) {
    const { width: channels } = placement.network.values[output];
    const { saved } = placement;
    const x = placement.value(input);
    const y = placement.value(output);

    return {
      forward() {
        saved.fill(-1);
        eachWindow(window, (outputPixel, inputPixel) => {
          for (let channel = 0; channel < channels; channel += 1) {
            const to = outputPixel * channels + channel;
            const from = inputPixel * channels + channel;
            if (saved[to] >= 0 && !(x[from] > y[to])) continue;
            saved[to] = from;
            y[to] = x[from];
          }
        });
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        if (dx) for (let i = 0; i < saved.length; i += 1) dx[saved[i]] += dy[i];
      },
    };
  },
};
