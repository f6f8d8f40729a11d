import type { GradientMode } from '../../network/gradient-flow.ts';
import type { ValueId } from '../../network/network.ts';
import { type Dispatch, dispatchOver, groupsPerExample } from '../dispatch.ts';
import { numbersOf, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { reads, writes } from '../storage.ts';

export const sum: WebGpuOperation<'sum'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, other, output, scale }, { network, flow, value, gradient }) {
    const count = groupsPerExample(numbersOf(network.values[output]));
    const backwardTo = (to: ValueId, mode: GradientMode, factor: number): readonly Dispatch[] => {
      if (mode === 'none') return [];
      return [
        dispatchOver({
          label: 'sum backward',
          count,
          bindings: { result: reads(gradient(output)), operand: writesOrAdds(mode, gradient(to)) },
          body: `operand_put_group(i, f32(${factor}) * result_group(i));`,
        }),
      ];
    };
    return {
      forward: [
        dispatchOver({
          label: 'sum',
          count,
          bindings: { input: reads(value(input)), other: reads(value(other)), output: writes(value(output)) },
          body: `output_put_group(i, input_group(i) + f32(${scale}) * other_group(i));`,
        }),
      ],
      backward: [...backwardTo(input, flow.input, 1), ...backwardTo(other, flow.other, scale)],
    };
  },
};
