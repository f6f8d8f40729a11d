import type { WasmOperation } from '../operation.ts';

export const averagePooling: WasmOperation<'average-pooling'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output }, { kernels, network, flow, ...placement }) {
    const { rows, width } = network.values[input];
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    return {
      forward: (examples) => kernels.meanOfRows(examples, rows, width, inputs, outputs),
      backward(examples) {
        if (flow.input === 'none') return;
        const gradient = placement.gradient(output);
        const target = placement.gradient(input);
        kernels.spreadOverRows(examples, rows, width, gradient, target, flow.input === 'add');
      },
    };
  },
};
