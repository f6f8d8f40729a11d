import type { GradientMode } from '../../network/gradient-flow.ts';
import type { ValueId } from '../../network/network.ts';
import type { WasmOperation } from '../operation.ts';

export const sum: WasmOperation<'sum'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, other, output, scale }, { kernels, network, flow, ...placement }) {
    const { rows, width } = network.values[output];
    const size = 4 * rows * width;
    const first = placement.value(input);
    const second = placement.value(other);
    const outputs = placement.value(output);
    const pass = (examples: number, to: ValueId, mode: GradientMode, factor: number): void => {
      if (mode === 'none') return;
      const gradient = placement.gradient(output);
      const target = placement.gradient(to);
      if (mode === 'add') kernels.addScaled(target, gradient, factor, target, examples * size);
      else kernels.scaleInto(gradient, factor, target, examples * size);
    };
    return {
      forward: (examples) => kernels.addScaled(first, second, scale, outputs, examples * size),
      backward(examples) {
        pass(examples, input, flow.input, 1);
        pass(examples, other, flow.other, scale);
      },
    };
  },
};
