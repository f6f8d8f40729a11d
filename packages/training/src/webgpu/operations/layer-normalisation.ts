/**
 * Ba et al. 2016, "Layer Normalization", equation 4. One invocation takes a row: rows are short here, and many. Mean and
 * inverse deviation of each row are kept for the backward pass.
 */
import type { LayerNormalisation } from '../../network/network.ts';
import { type Dispatch, dispatchOver, inAll, perExample } from '../dispatch.ts';
import { lanesOf } from '../lanes.ts';
import { type Placement, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { reads, readsRaw, writes, writesRaw } from '../storage.ts';
import { addPartialSums, chunksOf, partialBytes } from './column-sums.ts';

export const layerNormalisation: WebGpuOperation<'layer-normalisation'> = {
  memory({ input, scale }, network, examplesPerPass) {
    const { rows, width } = network.values[input];
    const all = rows * examplesPerPass;
    return {
      saved: 2 * 4 * all,
      scratch: scale.store === 'trained' ? partialBytes(chunksOf(all), 2 * width) : 0,
    };
  },
  place(operation, placement) {
    const { flow } = placement;
    return {
      forward: [normalise(operation, placement)],
      backward: [
        ...(flow.input === 'none' ? [] : [inputGradient(operation, placement)]),
        ...(operation.scale.store === 'trained' ? parameterGradients(operation, placement) : []),
      ],
    };
  },
};

function normalise(
  { input, output, scale, shift, epsilon }: LayerNormalisation,
  placement: Placement,
): Dispatch {
  const { network, value, parameter, saved } = placement;
  const { rows, width } = network.values[input];
  const { lanes, columns, eachColumn } = rowsOf(width);
  const centred = `${lanes.get('input', 'first + c')} - mean`;
  return dispatchOver({
    label: 'layer-normalisation',
    count: perExample(rows),
    bindings: {
      input: reads(value(input)),
      scale: reads(parameter(scale, width)),
      shift: reads(parameter(shift, width)),
      moments: writesRaw(saved, 'f32'),
      output: writes(value(output)),
    },
    body: `
  let first = i * ${columns}u;
  var sum = ${lanes.type}();
  ${eachColumn(`sum += ${lanes.get('input', 'first + c')};`)}
  let mean = ${lanes.total('sum')} * f32(${1 / width});
  var squares = ${lanes.type}();
  ${eachColumn(`let d = ${centred}; squares += d * d;`)}
  let inverse_deviation = inverseSqrt(${lanes.total('squares')} * f32(${1 / width}) + f32(${epsilon}));
  moments[2u * i] = mean;
  moments[2u * i + 1u] = inverse_deviation;
  ${eachColumn(
    lanes.put(
      'output',
      'first + c',
      `(${centred}) * inverse_deviation * ${lanes.get('scale', 'c')} + ${lanes.get('shift', 'c')}`,
    ),
  )}`,
  });
}

/** With g = scale x gradient and n the normalised row: (g - mean(g) - n mean(g n)) / deviation. */
function inputGradient({ input, output, scale }: LayerNormalisation, placement: Placement): Dispatch {
  const { network, flow, value, gradient, parameter, saved } = placement;
  const { rows, width } = network.values[input];
  const { lanes, columns, eachColumn } = rowsOf(width);
  const g = `${lanes.get('result', 'first + c')} * ${lanes.get('scale', 'c')}`;
  const centred = `(${lanes.get('input', 'first + c')} - mean)`;
  return dispatchOver({
    label: 'layer-normalisation backward',
    count: perExample(rows),
    bindings: {
      input: reads(value(input)),
      result: reads(gradient(output)),
      scale: reads(parameter(scale, width)),
      moments: readsRaw(saved, 'f32'),
      operand: writesOrAdds(flow.input, gradient(input)),
    },
    body: `
  let first = i * ${columns}u;
  let mean = moments[2u * i];
  let inverse_deviation = moments[2u * i + 1u];
  var sum = ${lanes.type}();
  var product = ${lanes.type}();
  ${eachColumn(`let g = ${g}; sum += g; product += g * ${centred};`)}
  let mean_gradient = ${lanes.total('sum')} * f32(${1 / width});
  let slope = ${lanes.total('product')} * inverse_deviation * inverse_deviation * f32(${1 / width});
  ${eachColumn(
    lanes.put('operand', 'first + c', `inverse_deviation * (${g} - mean_gradient - ${centred} * slope)`),
  )}`,
  });
}

function parameterGradients(
  { input, output, scale, shift }: LayerNormalisation,
  placement: Placement,
): readonly Dispatch[] {
  const { network, examplesPerPass, value, gradient, saved, scratch } = placement;
  const { rows, width } = network.values[input];
  const { lanes, columns } = rowsOf(width);
  const chunks = chunksOf(rows * examplesPerPass);
  const partial = dispatchOver({
    label: 'layer-normalisation parameters',
    count: inAll(chunks * columns),
    bindings: {
      input: reads(value(input)),
      result: reads(gradient(output)),
      moments: readsRaw(saved, 'f32'),
      partial: writesRaw(scratch, lanes.type),
    },
    body: `
  let column = i % ${columns}u;
  let chunk = i / ${columns}u;
  var scale = ${lanes.type}();
  var shift = ${lanes.type}();
  for (var row = chunk; row < batch.examples * ${rows}u; row += ${chunks}u) {
    let at = row * ${columns}u + column;
    let g = ${lanes.get('result', 'at')};
    scale += g * (${lanes.get('input', 'at')} - moments[2u * row]) * moments[2u * row + 1u];
    shift += g;
  }
  partial[chunk * ${2 * columns}u + column] = scale;
  partial[chunk * ${2 * columns}u + ${columns}u + column] = shift;`,
  });
  return [
    partial,
    ...addPartialSums(placement, scratch, chunks, [
      { reference: scale, size: width },
      { reference: shift, size: width },
    ]),
  ];
}

function rowsOf(width: number) {
  const lanes = lanesOf(width);
  const columns = width / lanes.count;
  return {
    lanes,
    columns,
    eachColumn: (statements: string): string => `for (var c = 0u; c < ${columns}u; c++) { ${statements} }`,
  };
}
