import { dispatchOver, perExample } from '../dispatch.ts';
import { lanesOf } from '../lanes.ts';
import { type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { reads, writes } from '../storage.ts';

export const averagePooling: WebGpuOperation<'average-pooling'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output }, { network, flow, value, gradient }) {
    const { rows, width } = network.values[input];
    const lanes = lanesOf(width);
    const columns = width / lanes.count;
    const forward = dispatchOver({
      label: 'average-pooling',
      count: perExample(columns),
      bindings: { input: reads(value(input)), output: writes(value(output)) },
      body: `
  let first = i / ${columns}u * ${rows * columns}u + i % ${columns}u;
  var sum = ${lanes.type}();
  for (var row = 0u; row < ${rows}u; row++) { sum += ${lanes.get('input', `first + row * ${columns}u`)}; }
  ${lanes.put('output', 'i', `sum * f32(${1 / rows})`)}`,
    });
    if (flow.input === 'none') return { forward: [forward], backward: [] };
    const backward = dispatchOver({
      label: 'average-pooling backward',
      count: perExample(rows * columns),
      bindings: { result: reads(gradient(output)), operand: writesOrAdds(flow.input, gradient(input)) },
      body: `
  let source = i / ${rows * columns}u * ${columns}u + i % ${columns}u;
  ${lanes.put('operand', 'i', `${lanes.get('result', 'source')} * f32(${1 / rows})`)}`,
    });
    return { forward: [forward], backward: [backward] };
  },
};
