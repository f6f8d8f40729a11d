import type { WasmOperation } from '../operation.ts';

const STATISTICS_BYTES = 8;

export const layerNormalisation: WasmOperation<'layer-normalisation'> = {
  memory: ({ input }, { values }, examplesPerPass) => ({
    saved: STATISTICS_BYTES * values[input].rows * examplesPerPass,
    scratch: 0,
  }),
  place({ input, output, scale, shift, epsilon }, { kernels, network, flow, saved, ...placement }) {
    const { rows, width } = network.values[input];
    const inputs = placement.value(input);
    const outputs = placement.value(output);
    const scales = placement.parameter(scale);
    const shifts = placement.parameter(shift);
    return {
      forward(examples) {
        kernels.normaliseRows(examples * rows, width, epsilon, inputs, scales, shifts, saved, outputs);
      },
      backward(examples) {
        const gradient = placement.gradient(output);
        if (scale.store === 'trained') {
          const scaleGradient = placement.parameterGradient(scale);
          const shiftGradient = placement.parameterGradient(shift);
          kernels.normaliseRowsParameters(
            examples * rows,
            width,
            inputs,
            saved,
            gradient,
            scaleGradient,
            shiftGradient,
          );
        }
        if (flow.input === 'none') return;
        kernels.normaliseRowsBackward(
          examples * rows,
          width,
          inputs,
          scales,
          saved,
          gradient,
          placement.gradient(input),
          flow.input === 'add',
        );
      },
    };
  },
};
