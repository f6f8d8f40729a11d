/**
 * Products of matrices, each invocation holding a tile of the result in registers. Rows of four numbers are loaded whole:
 * along the sum in the forward pass, as dot products towards the input, as outer products towards the kernel.
 */
import type { Dense, Network } from '../../network/network.ts';
import { type Count, type Dispatch, dispatchOver, perExample } from '../dispatch.ts';
import { groupsOf, lines, rowReading, rowWriting } from '../matrix.ts';
import { type Placement, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { accumulates, type Binding, groupedAs, reads, writes } from '../storage.ts';
import { GELU } from './gelu.ts';
import { resultGradient } from './result-gradient.ts';

export const dense: WebGpuOperation<'dense'> = {
  memory(operation, network, examplesPerPass, { halves }) {
    const bytesPerGroup = halves.has(operation.output) ? 8 : 16;
    const groups = preActivations(operation, network) * examplesPerPass;
    return { saved: operation.activation === 'gelu' ? bytesPerGroup * groups : 0, scratch: 0 };
  },
  place(operation, placement) {
    const { flow } = placement;
    const shape = shapeOf(operation, placement.network);
    const backward: Dispatch[] = [];
    if (operation.activation === 'gelu') backward.push(geluSlope(operation, placement, shape));
    if (operation.kernel.store === 'trained') backward.push(towardsKernel(operation, placement, shape));
    if (flow.input !== 'none') backward.push(towardsInput(operation, placement, shape));
    return { forward: [forward(operation, placement, shape)], backward };
  },
};

interface Shape {
  /** Per example. */
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

function shapeOf({ input, output }: Dense, { values }: Network): Shape {
  return { rows: values[output]!.rows, inputs: values[input]!.width, outputs: values[output]!.width };
}

/** Groups of four, per example. */
function preActivations({ output }: Dense, { values }: Network): number {
  return values[output]!.rows * groupsOf(values[output]!.width);
}

function forward(operation: Dense, { value, parameter, saved, tiles }: Placement, shape: Shape): Dispatch {
  const { rows, inputs, outputs } = shape;
  const tile = tiles.forward;
  const input = value(operation.input);
  const output = value(operation.output);
  const kernel = parameter(operation.kernel, outputs);
  const bias = operation.bias && parameter(operation.bias, outputs);
  const bindings: Record<string, Binding> = {
    input: reads(input),
    kernel: reads(kernel),
    output: writes(output),
  };
  if (bias) bindings.bias = reads(bias);
  if (operation.activation === 'gelu') bindings.before = writes(groupedAs(output, saved));
  const columns = groupsOf(outputs);
  const activated = (r: number, c: number): string => {
    const sum = `sum_${r}_${c}`;
    switch (operation.activation) {
      case 'linear':
        return sum;
      case 'relu':
        return `max(${sum}, vec4<f32>())`;
      case 'gelu':
        return `gelu(${sum})`;
    }
  };
  return dispatchOver({
    label: 'dense',
    count: tilesOf({ rows, columns }, tile),
    bindings,
    functions: [
      rowReading('input', input, inputs),
      rowReading('kernel', kernel, outputs),
      bias ? rowReading('bias', bias, outputs) : '',
      rowWriting('output', output, outputs),
      operation.activation === 'gelu' ? GELU : '',
    ].join('\n'),
    workgroupSize: tile.workgroupSize,
    body: `
  ${tilePlace({ rows, columns }, tile)}
  ${lines(tile.rows, (r) => lines(tile.groups, (c) => `var sum_${r}_${c} = ${bias ? `bias_row(0u, column_${c})` : 'vec4<f32>()'};`))}
  for (var q = 0u; q < ${groupsOf(inputs)}u; q++) {
    ${lines(tile.rows, (r) => `let a_${r} = input_row(row_${r}, q);`)}
    ${lines(4, (k) =>
      lines(tile.groups, (c) => `let b_${k}_${c} = kernel_row(${lane('q', k, inputs)}, column_${c});`),
    )}
    ${lines(tile.rows, (r) =>
      lines(
        tile.groups,
        (c) =>
          `sum_${r}_${c} += a_${r}.x * b_0_${c} + a_${r}.y * b_1_${c} + a_${r}.z * b_2_${c} + a_${r}.w * b_3_${c};`,
      ),
    )}
  }
  ${lines(tile.rows, (r) =>
    lines(
      tile.groups,
      (c) => `if (first_row + ${r}u < all_rows && first_column + ${c}u < ${columns}u) {
      ${operation.activation === 'gelu' ? `before_put_group(row_${r} * ${columns}u + column_${c}, sum_${r}_${c});` : ''}
      output_put_row(row_${r}, column_${c}, ${activated(r, c)});
    }`,
    ),
  )}`,
  });
}

/** In place: nobody else reads the gradient of the output. */
function geluSlope({ output }: Dense, { gradient, saved }: Placement, { rows, outputs }: Shape): Dispatch {
  const columns = groupsOf(outputs);
  return dispatchOver({
    label: 'gelu backward',
    count: perExample(rows * columns),
    bindings: { result: writes(gradient(output)), before: reads(groupedAs(gradient(output), saved)) },
    functions: [
      rowReading('result', gradient(output), outputs),
      rowWriting('result', gradient(output), outputs),
      GELU,
    ].join('\n'),
    body: `
  let r = i / ${columns}u;
  let c = i % ${columns}u;
  result_put_row(r, c, result_row(r, c) * gelu_slope(before_group(i)));`,
  });
}

function towardsKernel(operation: Dense, placement: Placement, { rows, inputs, outputs }: Shape): Dispatch {
  const { value, parameterGradient, tiles } = placement;
  const tile = tiles.kernel;
  const input = value(operation.input);
  const kernel = parameterGradient(operation.kernel, outputs);
  const bias = operation.bias && parameterGradient(operation.bias, outputs);
  const result = resultGradient(operation, placement, outputs);
  const bindings: Record<string, Binding> = {
    ...result.bindings,
    input: reads(input),
    kernel: accumulates(kernel),
  };
  if (bias) bindings.bias = accumulates(bias);
  const tiled = { rows: groupsOf(inputs), columns: groupsOf(outputs) };
  return dispatchOver({
    label: 'dense backward to kernel',
    count: tilesOf(tiled, tile, 'all'),
    bindings,
    functions: [
      result.functions,
      rowReading('input', input, inputs),
      rowWriting('kernel', kernel, outputs),
      bias ? rowWriting('bias', bias, outputs) : '',
    ].join('\n'),
    workgroupSize: tile.workgroupSize,
    body: `
  ${tilePlace(tiled, tile, 'all')}
  ${lines(tile.rows, (r) => lines(4, (k) => lines(tile.groups, (c) => `var sum_${r}_${k}_${c} = vec4<f32>();`)))}
  ${bias ? lines(tile.groups, (c) => `var bias_${c} = vec4<f32>();`) : ''}
  for (var m = 0u; m < batch.examples * ${rows}u; m++) {
    ${lines(tile.groups, (c) => `let y_${c} = result_gradient(m, column_${c});`)}
    ${lines(
      tile.rows,
      (r) => `let x_${r} = input_row(m, row_${r});
    ${lines(4, (k) => lines(tile.groups, (c) => `sum_${r}_${k}_${c} += x_${r}[${k}] * y_${c};`))}`,
    )}
    ${bias ? lines(tile.groups, (c) => `bias_${c} += y_${c};`) : ''}
  }
  ${lines(
    tile.groups,
    (c) => `if (first_column + ${c}u < ${tiled.columns}u) {
    ${lines(tile.rows, (r) =>
      lines(
        4,
        (k) =>
          `if (4u * (first_row + ${r}u) + ${k}u < ${inputs}u) { kernel_put_row(4u * (first_row + ${r}u) + ${k}u, column_${c}, sum_${r}_${k}_${c}); }`,
      ),
    )}
    ${bias ? `if (first_row == 0u) { bias_put_row(0u, column_${c}, bias_${c}); }` : ''}
  }`,
  )}`,
  });
}

function towardsInput(operation: Dense, placement: Placement, { rows, inputs, outputs }: Shape): Dispatch {
  const { value, gradient, parameter, flow, slope, tiles } = placement;
  const tile = tiles.input;
  const kernel = parameter(operation.kernel, outputs);
  const operand = gradient(operation.input);
  const input = value(operation.input);
  const result = resultGradient(operation, placement, outputs);
  const bindings: Record<string, Binding> = {
    ...result.bindings,
    kernel: reads(kernel),
    operand: writesOrAdds(flow.input, operand),
  };
  if (slope.isDueForInput) bindings.input = reads(input);
  const columns = groupsOf(inputs);
  const sum = (r: number, c: number): string => {
    const sums = `vec4<f32>(sum_${r}_${c}_0, sum_${r}_${c}_1, sum_${r}_${c}_2, sum_${r}_${c}_3)`;
    if (!slope.isDueForInput) return sums;
    return `select(vec4<f32>(), ${sums}, input_row(row_${r}, column_${c}) > vec4<f32>())`;
  };
  return dispatchOver({
    label: 'dense backward to input',
    count: tilesOf({ rows, columns }, tile),
    bindings,
    functions: [
      result.functions,
      rowReading('kernel', kernel, outputs),
      slope.isDueForInput ? rowReading('input', input, inputs) : '',
      rowWriting('operand', operand, inputs),
    ].join('\n'),
    workgroupSize: tile.workgroupSize,
    body: `
  ${tilePlace({ rows, columns }, tile)}
  ${lines(tile.rows, (r) => lines(tile.groups, (c) => lines(4, (k) => `var sum_${r}_${c}_${k} = 0.0;`)))}
  for (var q = 0u; q < ${groupsOf(outputs)}u; q++) {
    ${lines(tile.rows, (r) => `let y_${r} = result_gradient(row_${r}, q);`)}
    ${lines(tile.groups, (c) =>
      lines(
        4,
        (k) => `let w_${c}_${k} = kernel_row(${lane(`column_${c}`, k, inputs)}, q);
    ${lines(tile.rows, (r) => `sum_${r}_${c}_${k} += dot(y_${r}, w_${c}_${k});`)}`,
      ),
    )}
  }
  ${lines(tile.rows, (r) =>
    lines(
      tile.groups,
      (c) => `if (first_row + ${r}u < all_rows && first_column + ${c}u < ${columns}u) {
      operand_put_row(row_${r}, column_${c}, ${sum(r, c)});
    }`,
    ),
  )}`,
  });
}

interface Tiled {
  /** Per example, or of everything. */
  readonly rows: number;
  /** Groups of four columns. */
  readonly columns: number;
}
interface TileSize {
  readonly rows: number;
  readonly groups: number;
}

function tilesOf({ rows, columns }: Tiled, tile: TileSize, of: 'example' | 'all' = 'example'): Count {
  const across = Math.ceil(columns / tile.groups);
  if (of === 'all') {
    const count = Math.ceil(rows / tile.rows) * across;
    return { wgsl: `${count}u`, of: () => count };
  }
  return {
    wgsl: `(batch.examples * ${rows}u + ${tile.rows - 1}u) / ${tile.rows}u * ${across}u`,
    of: (examples) => Math.ceil((examples * rows) / tile.rows) * across,
  };
}

/** Where tile `i` lies; rows and columns beyond the end repeat the last one, and are not to be written. */
function tilePlace({ rows, columns }: Tiled, tile: TileSize, of: 'example' | 'all' = 'example'): string {
  const across = Math.ceil(columns / tile.groups);
  return `let all_rows = ${of === 'all' ? `${rows}u` : `batch.examples * ${rows}u`};
  let first_column = (i % ${across}u) * ${tile.groups}u;
  let first_row = (i / ${across}u) * ${tile.rows}u;
  ${lines(tile.rows, (r) => `let row_${r} = min(first_row + ${r}u, all_rows - 1u);`)}
  ${lines(tile.groups, (c) => `let column_${c} = min(first_column + ${c}u, ${columns - 1}u);`)}`;
}

/** A number of a group of four that may reach beyond the last one; what is found there is multiplied by zero, or left out. */
function lane(group: string, k: number, count: number): string {
  const index = `4u * ${group} + ${k}u`;
  return count % 4 === 0 ? index : `min(${index}, ${count - 1}u)`;
}
