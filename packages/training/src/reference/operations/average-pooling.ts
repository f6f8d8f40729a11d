import { openGradient, type ReferenceOperation } from '../operation.ts';

export const averagePooling: ReferenceOperation<'average-pooling'> = {
  saved: () => 0,

  place({ input, output }, placement) {
    const { rows, width } = placement.network.values[input];
    const x = placement.value(input);
    const y = placement.value(output);

    return {
      forward() {
        y.fill(0);
        for (let i = 0; i < rows * width; i += 1) y[i % width] += x[i] / rows;
      },

      backward() {
        const dy = placement.gradient(output);
        const dx = openGradient(placement, input, placement.flow.input);
        if (dx) for (let i = 0; i < rows * width; i += 1) dx[i] += dy[i % width] / rows;
      },
    };
  },
};
