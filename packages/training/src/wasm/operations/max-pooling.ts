import type { Window } from '../../network/network.ts';
import type { WasmOperation } from '../operation.ts';

export const maxPooling: WasmOperation<'max-pooling'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output, window }, placement) {
    const { kernels, network, flow } = placement;
    const { width: channels } = network.values[input];
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const sizes = sizesOf(window, channels);
    return {
      forward(examples) {
        kernels.maxPoolingForward(examples, ...sizes, inputs, outputs);
      },
      backward(examples) {
        if (flow.input === 'none') return;
        const gradient = placement.gradient(output);
        const inputGradient = placement.gradient(input);
        const add = flow.input === 'add';
        kernels.maxPoolingBackward(examples, ...sizes, inputs, outputs, gradient, inputGradient, add);
      },
    };
  },
};

/** In the order in which the kernels take them. */
function sizesOf(window: Window, channels: number) {
  const { inputHeight, inputWidth, outputHeight, outputWidth } = window;
  const { kernelHeight, kernelWidth, stride, paddingTop, paddingLeft } = window;
  const image = [inputHeight, inputWidth, channels, outputHeight, outputWidth] as const;
  return [...image, kernelHeight, kernelWidth, stride, paddingTop, paddingLeft] as const;
}
