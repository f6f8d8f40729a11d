import type { ReferenceOperation } from '../operation.ts';

export const embedding: ReferenceOperation<'embedding'> = {
  saved: () => 0,

  place({ input, output, table, vocabularySize, positions }, placement) {
    const { rows, width } = placement.network.values[output];
    const characters = placement.value(input);
    const y = placement.value(output);
    const entries = placement.parameter(table, vocabularySize * width);
    const places = positions && placement.parameter(positions, rows * width);
    const entryGradient = placement.parameterGradient(table, vocabularySize * width);
    const placeGradient = positions && placement.parameterGradient(positions, rows * width);

    return {
      forward() {
        for (let row = 0; row < rows; row += 1) {
          for (let i = 0; i < width; i += 1) {
            const at = row * width + i;
            y[at] = entries[characters[row] * width + i] + (places ? places[at] : 0);
          }
        }
      },

      backward() {
        const dy = placement.gradient(output);
        for (let row = 0; row < rows; row += 1) {
          for (let i = 0; i < width; i += 1) {
            const at = row * width + i;
            if (entryGradient) entryGradient[characters[row] * width + i] += dy[at];
            if (placeGradient) placeGradient[at] += dy[at];
          }
        }
      },
    };
  },
};
