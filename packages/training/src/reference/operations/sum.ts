import { openGradient, type ReferenceOperation } from '../operation.ts';

export const sum: ReferenceOperation<'sum'> = {
  saved: () => 0,

  place({ input, other, output, scale }, placement) {
    const a = placement.value(input);
    const b = placement.value(other);
    const y = placement.value(output);

    return {
      forward() {
        for (let i = 0; i < y.length; i += 1) y[i] = a[i] + scale * b[i];
      },

      backward() {
        const dy = placement.gradient(output);
        const da = openGradient(placement, input, placement.flow.input);
        if (da) for (let i = 0; i < dy.length; i += 1) da[i] += dy[i];
        const db = openGradient(placement, other, placement.flow.other);
        if (db) for (let i = 0; i < dy.length; i += 1) db[i] += scale * dy[i];
      },
    };
  },
};
