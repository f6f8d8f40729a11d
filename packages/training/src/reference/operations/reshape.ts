import type { ReferenceOperation } from '../operation.ts';

export const reshape: ReferenceOperation<'reshape'> = {
  saved: () => 0,

  place({ input, output }, placement) {
    return {
      // The output lies where the input lies.
      forward() {},

      backward() {
        // And so does its gradient, unless another consumer has begun that of the input.
        if (placement.flow.input !== 'add') return;
        const dy = placement.gradient(output);
        const dx = placement.gradient(input);
        for (let i = 0; i < dx.length; i += 1) dx[i] += dy[i];
      },
    };
  },
};
