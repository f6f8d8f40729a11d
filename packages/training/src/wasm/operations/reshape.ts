/** The same numbers under another shape: nothing to do where output and input lie in one place. */
import type { WasmOperation } from '../operation.ts';

export const reshape: WasmOperation<'reshape'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output }, { kernels, network, flow, ...placement }) {
    const { rows, width } = network.values[input];
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const size = 4 * rows * width;
    return {
      forward(examples) {
        if (inputs !== outputs) kernels.scaleInto(inputs, 1, outputs, examples * size);
      },
      backward(examples) {
        if (flow.input === 'none') return;
        const gradient = placement.gradient(output);
        const target = placement.gradient(input);
        if (flow.input === 'add') kernels.addScaled(target, gradient, 1, target, examples * size);
        else if (target !== gradient) kernels.scaleInto(gradient, 1, target, examples * size);
      },
    };
  },
};
