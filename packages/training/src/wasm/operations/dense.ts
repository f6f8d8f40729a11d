/** Dense layers, pointwise convolutions and projections: products of matrices. */
import type { WasmOperation } from '../operation.ts';

export const dense: WasmOperation<'dense'> = {
  memory: ({ output, activation }, { values }, examplesPerPass) => ({
    // The slope of GELU is a function of what lies before it: the forward pass has both at hand.
    saved: activation === 'gelu' ? 4 * values[output].rows * values[output].width * examplesPerPass : 0,
    scratch: 0,
  }),
  place({ input, output, kernel, bias, activation }, placement) {
    const { kernels, network, flow } = placement;
    const { rows, width: inner } = network.values[input];
    const { width } = network.values[output];
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const weights = placement.parameter(kernel);
    const offsets = bias === null ? 0 : placement.parameter(bias);
    const rectify = activation === 'relu';
    const sums = activation === 'gelu' ? placement.saved : outputs;
    return {
      forward(examples) {
        kernels.denseForward(examples * rows, inner, width, inputs, weights, offsets, sums, rectify);
        if (activation === 'gelu') kernels.gelu(sums, outputs, 4 * examples * rows * width);
      },
      backward(examples) {
        const count = examples * rows;
        const gradient = placement.gradient(output);
        if (rectify) kernels.maskRectified(count * width, outputs, gradient);
        if (activation === 'gelu') kernels.multiplyBy(sums, gradient, 4 * count * width);
        if (kernel.store === 'trained') {
          const target = placement.parameterGradient(kernel);
          kernels.denseKernelGradient(count, inner, width, inputs, gradient, target);
        }
        if (bias?.store === 'trained') {
          kernels.addColumnSums(count, width, gradient, placement.parameterGradient(bias));
        }
        if (flow.input !== 'none') {
          const target = placement.gradient(input);
          kernels.denseInputGradient(count, inner, width, gradient, weights, target, flow.input === 'add');
        }
      },
    };
  },
};
