import { convolutionScratchBytes, layOutConvolution } from '../convolution-kernels.ts';
import type { WasmOperation } from '../operation.ts';

export const convolution: WasmOperation<'convolution'> = {
  memory({ input, output, window }, { values }) {
    const sizes = { window, channels: values[input].width, filters: values[output].width };
    return { saved: 0, scratch: convolutionScratchBytes(sizes) };
  },
  place({ input, output, window, kernel, bias, activation }, placement) {
    const { kernels, network, flow, scratch } = placement;
    const { rows, width: filters } = network.values[output];
    const sizes = { window, channels: network.values[input].width, filters };
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const weights = placement.parameter(kernel);
    const offsets = placement.parameter(bias);
    const rectify = activation === 'relu';
    return {
      forward(examples) {
        layOutConvolution(kernels, sizes, scratch);
        kernels.convolutionForward(scratch, examples, inputs, weights, offsets, outputs, rectify);
      },
      backward(examples) {
        const gradient = placement.gradient(output);
        if (rectify) kernels.maskRectified(examples * rows * filters, outputs, gradient);
        if (bias.store === 'trained') {
          kernels.addColumnSums(examples * rows, filters, gradient, placement.parameterGradient(bias));
        }
        const kernelGradient = kernel.store === 'trained' ? placement.parameterGradient(kernel) : 0;
        const inputGradient = flow.input === 'none' ? 0 : placement.gradient(input);
        const add = flow.input === 'add';
        layOutConvolution(kernels, sizes, scratch);
        kernels.convolutionBackward(
          scratch,
          examples,
          inputs,
          weights,
          gradient,
          kernelGradient,
          inputGradient,
          add,
        );
      },
    };
  },
};
