/** Characters are checked where examples come in; none lies outside the table. */
import type { WasmOperation } from '../operation.ts';

export const embedding: WasmOperation<'embedding'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output, table, positions }, { kernels, network, ...placement }) {
    const { rows, width } = network.values[output];
    const characters = placement.value(input);
    const outputs = placement.value(output);
    const vectors = placement.parameter(table);
    const places = positions === null ? 0 : placement.parameter(positions);
    return {
      forward(examples) {
        kernels.gatherRows(examples * rows, rows, width, characters, vectors, places, outputs);
      },
      backward(examples) {
        const gradient = placement.gradient(output);
        if (table.store === 'trained') {
          const target = placement.parameterGradient(table);
          kernels.scatterRows(examples * rows, width, characters, gradient, target);
        }
        if (positions?.store === 'trained') {
          const target = placement.parameterGradient(positions);
          kernels.sumOverExamples(examples, 4 * rows * width, gradient, target);
        }
      },
    };
  },
};
