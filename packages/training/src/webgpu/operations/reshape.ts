import { dispatchOver, groupsPerExample } from '../dispatch.ts';
import { numbersOf, type WebGpuOperation } from '../operation.ts';
import { adds, reads } from '../storage.ts';

/** The planner puts output and input in one place; only a gradient that another consumer began is added to. */
export const reshape: WebGpuOperation<'reshape'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output }, { network, flow, gradient }) {
    if (flow.input !== 'add') return { forward: [], backward: [] };
    return {
      forward: [],
      backward: [
        dispatchOver({
          label: 'reshape backward',
          count: groupsPerExample(numbersOf(network.values[output])),
          bindings: { result: reads(gradient(output)), operand: adds(gradient(input)) },
          body: 'operand_put_group(i, result_group(i));',
        }),
      ],
    };
  },
};
