/**
 * Convolutions without unfolding the image: each invocation holds a few neighbouring pixels of a line, so that one load of
 * their surroundings serves all columns of the window.
 */
import type { Convolution, Network, Window } from '../../network/network.ts';
import { type Dispatch, dispatchOver, inAll, perExample } from '../dispatch.ts';
import { groupsOf, lines, rowReading, rowWriting } from '../matrix.ts';
import { type Placement, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { accumulates, type Binding, reads, readsRaw, writes, writesRaw } from '../storage.ts';
import { resultGradient } from './result-gradient.ts';

export const convolution: WebGpuOperation<'convolution'> = {
  memory(operation, network, examplesPerPass, { tiles }) {
    const shape = shapeOf(operation, network);
    const { columns, parts } = splitOf(shape, { tiles, examplesPerPass });
    return { saved: 0, scratch: 16 * parts * columns * (tapsOf(shape) + 1) };
  },
  place(operation, placement) {
    const shape = shapeOf(operation, placement.network);
    const { flow } = placement;
    const backward: Dispatch[] = [];
    if (operation.kernel.store === 'trained') backward.push(...towardsKernel(operation, placement, shape));
    if (flow.input !== 'none') backward.push(towardsInput(operation, placement, shape));
    return { forward: [forward(operation, placement, shape)], backward };
  },
};

interface Shape {
  readonly window: Window;
  readonly channels: number;
  readonly filters: number;
}

function shapeOf({ window, input, output }: Convolution, { values }: Network): Shape {
  return { window, channels: values[input]!.width, filters: values[output]!.width };
}

function forward(
  operation: Convolution,
  placement: Placement,
  { window, channels, filters }: Shape,
): Dispatch {
  const { value, parameter, tiles } = placement;
  const tile = tiles.convolution;
  const input = value(operation.input);
  const output = value(operation.output);
  const kernel = parameter(operation.kernel, filters);
  const bias = parameter(operation.bias, filters);
  const columns = groupsOf(filters);
  const across = Math.ceil(columns / tile.groups);
  const along = Math.ceil(window.outputWidth / tile.rows);
  const { stride, kernelWidth } = window;
  const seen = (tile.rows - 1) * stride + kernelWidth;
  const sum = (r: number, c: number): string =>
    operation.activation === 'relu' ? `max(sum_${r}_${c}, vec4<f32>())` : `sum_${r}_${c}`;
  return dispatchOver({
    label: 'convolution',
    count: perExample(window.outputHeight * along * across),
    bindings: { input: reads(input), kernel: reads(kernel), bias: reads(bias), output: writes(output) },
    functions: [
      rowReading('input', input, channels),
      rowReading('kernel', kernel, filters),
      rowReading('bias', bias, filters),
      rowWriting('output', output, filters),
      `fn input_pixel(line: u32, x: i32, g: u32) -> vec4<f32> {
  let inside = x >= 0 && x < ${window.inputWidth};
  return select(vec4<f32>(), input_row(line + u32(clamp(x, 0, ${window.inputWidth - 1})), g), inside);
}`,
    ].join('\n'),
    workgroupSize: tile.workgroupSize,
    body: `
  let first_column = i % ${across}u * ${tile.groups}u;
  ${columnsOf(tile.groups, columns)}
  let first_x = i / ${across}u % ${along}u * ${tile.rows}u;
  let out_line = i / ${across * along}u;
  let out_y = out_line % ${window.outputHeight}u;
  let image = out_line / ${window.outputHeight}u;
  ${lines(tile.rows, (r) => lines(tile.groups, (c) => `var sum_${r}_${c} = bias_row(0u, column_${c});`))}
  for (var ky = 0u; ky < ${window.kernelHeight}u; ky++) {
    let y = i32(out_y * ${stride}u + ky) - ${window.paddingTop};
    if (y < 0 || y >= ${window.inputHeight}) { continue; }
    let line = (image * ${window.inputHeight}u + u32(y)) * ${window.inputWidth}u;
    let left = i32(first_x * ${stride}u) - ${window.paddingLeft};
    for (var q = 0u; q < ${groupsOf(channels)}u; q++) {
      ${lines(seen, (j) => `let pixel_${j} = input_pixel(line, left + ${j}, q);`)}
      ${lines(kernelWidth, (kx) =>
        lines(
          Math.min(4, channels),
          (k) => `{
        let tap = (ky * ${kernelWidth}u + ${kx}u) * ${channels}u + ${channelOf('q', k, channels)};
        ${lines(
          tile.groups,
          (c) => `let w_${c} = kernel_row(tap, column_${c});
        ${lines(tile.rows, (r) => `sum_${r}_${c} += pixel_${r * stride + kx}[${k}] * w_${c};`)}`,
        )}
      }`,
        ),
      )}
    }
  }
  ${lines(tile.rows, (r) =>
    lines(
      tile.groups,
      (c) => `if (first_x + ${r}u < ${window.outputWidth}u && first_column + ${c}u < ${columns}u) {
      output_put_row(out_line * ${window.outputWidth}u + first_x + ${r}u, column_${c}, ${sum(r, c)});
    }`,
    ),
  )}`,
  });
}

/** The forward pass backwards: each input pixel gathers from the output pixels that saw it. */
function towardsInput(
  operation: Convolution,
  placement: Placement,
  { window, channels, filters }: Shape,
): Dispatch {
  const { value, gradient, parameter, flow, slope, tiles } = placement;
  const tile = tiles.convolutionInput;
  const kernel = parameter(operation.kernel, filters);
  const operand = gradient(operation.input);
  const input = value(operation.input);
  const result = resultGradient(operation, placement, filters);
  const columns = groupsOf(channels);
  const across = Math.ceil(columns / tile.groups);
  const along = Math.ceil(window.inputWidth / tile.rows);
  const { stride, kernelWidth } = window;
  const lanes = Math.min(4, channels);
  const bindings: Record<string, Binding> = {
    ...result.bindings,
    kernel: reads(kernel),
    operand: writesOrAdds(flow.input, operand),
  };
  if (slope.isDueForInput) bindings.input = reads(input);
  const sum = (r: number, c: number): string => {
    const sums = Array.from({ length: 4 }, (_, k) => (k < lanes ? `sum_${r}_${c}_${k}` : '0.0'));
    const gathered = `vec4<f32>(${sums})`;
    if (!slope.isDueForInput) return gathered;
    return `select(vec4<f32>(), ${gathered}, input_row(in_line * ${window.inputWidth}u + first_x + ${r}u, column_${c}) > vec4<f32>())`;
  };
  return dispatchOver({
    label: 'convolution backward to input',
    count: perExample(window.inputHeight * along * across),
    bindings,
    functions: [
      result.functions,
      rowReading('kernel', kernel, filters),
      slope.isDueForInput ? rowReading('input', input, channels) : '',
      rowWriting('operand', operand, channels),
      `fn result_pixel(line: u32, x: i32, g: u32) -> vec4<f32> {
  if (x < 0 || x >= ${window.outputWidth * stride}${stride > 1 ? ` || x % ${stride} != 0` : ''}) { return vec4<f32>(); }
  return result_gradient(line + u32(x) / ${stride}u, g);
}`,
    ].join('\n'),
    workgroupSize: tile.workgroupSize,
    body: `
  let first_column = i % ${across}u * ${tile.groups}u;
  ${columnsOf(tile.groups, columns)}
  let first_x = i / ${across}u % ${along}u * ${tile.rows}u;
  let in_line = i / ${across * along}u;
  let in_y = in_line % ${window.inputHeight}u;
  let image = in_line / ${window.inputHeight}u;
  ${lines(tile.rows, (r) => lines(tile.groups, (c) => lines(lanes, (k) => `var sum_${r}_${c}_${k} = 0.0;`)))}
  for (var ky = 0u; ky < ${window.kernelHeight}u; ky++) {
    let y = i32(in_y) + ${window.paddingTop} - i32(ky);
    if (y < 0 || y >= ${window.outputHeight * stride}${stride > 1 ? ` || y % ${stride} != 0` : ''}) { continue; }
    let line = (image * ${window.outputHeight}u + u32(y) / ${stride}u) * ${window.outputWidth}u;
    let left = i32(first_x) + ${window.paddingLeft - (kernelWidth - 1)};
    for (var q = 0u; q < ${groupsOf(filters)}u; q++) {
      ${lines(tile.rows + kernelWidth - 1, (j) => `let pixel_${j} = result_pixel(line, left + ${j}, q);`)}
      ${lines(kernelWidth, (kx) =>
        lines(tile.groups, (c) =>
          lines(
            lanes,
            (k) => `{
        let w = kernel_row((ky * ${kernelWidth}u + ${kx}u) * ${channels}u + ${channelOf(`column_${c}`, k, channels)}, q);
        ${lines(tile.rows, (r) => `sum_${r}_${c}_${k} += dot(pixel_${r + kernelWidth - 1 - kx}, w);`)}
      }`,
          ),
        ),
      )}
    }
  }
  ${lines(tile.rows, (r) =>
    lines(
      tile.groups,
      (c) => `if (first_x + ${r}u < ${window.inputWidth}u && first_column + ${c}u < ${columns}u) {
      operand_put_row(in_line * ${window.inputWidth}u + first_x + ${r}u, column_${c}, ${sum(r, c)});
    }`,
    ),
  )}`,
  });
}

/**
 * One line of the window for each invocation, with all of its columns: as it slides along an image, each pixel is loaded once.
 * The sum goes over all pixels of all examples; a second dispatch adds up its parts.
 */
function towardsKernel(operation: Convolution, placement: Placement, shape: Shape): readonly Dispatch[] {
  const { window, channels, filters } = shape;
  const { value, parameterGradient, scratch, tiles } = placement;
  const { parts, inputGroups, columns } = splitOf(shape, placement);
  const { kernelHeight, kernelWidth, stride } = window;
  const lanes = Math.min(4, channels);
  const taps = tapsOf(shape);
  const input = value(operation.input);
  const kernel = parameterGradient(operation.kernel, filters);
  const bias = parameterGradient(operation.bias, filters);
  const result = resultGradient(operation, placement, filters);
  /** Columns of the window whose pixel the step before has not loaded. */
  const isFresh = (kx: number): boolean => kx >= kernelWidth - stride;
  const store = (row: string, sum: string): string =>
    `sums[(part * ${taps + 1}u + ${row}) * ${columns}u + column] = ${sum};`;
  const sums = dispatchOver({
    label: 'convolution backward to kernel',
    count: inAll(columns * inputGroups * kernelHeight * parts),
    bindings: { ...result.bindings, input: reads(input), sums: writesRaw(scratch, 'vec4<f32>') },
    functions: [
      result.functions,
      rowReading('input', input, channels),
      `fn input_pixel(line: u32, x: i32, g: u32) -> vec4<f32> {
  let inside = x >= 0 && x < ${window.inputWidth};
  return select(vec4<f32>(), input_row(line + u32(clamp(x, 0, ${window.inputWidth - 1})), g), inside);
}`,
    ].join('\n'),
    workgroupSize: tiles.convolutionKernel.workgroupSize,
    body: `
  let column = i % ${columns}u;
  let q = i / ${columns}u % ${inputGroups}u;
  let ky = i / ${columns * inputGroups}u % ${kernelHeight}u;
  let part = i / ${columns * inputGroups * kernelHeight}u;
  ${lines(kernelWidth, (kx) => lines(lanes, (k) => `var sum_${kx}_${k} = vec4<f32>();`))}
  var bias_sum = vec4<f32>();
  for (var image = part; image < batch.examples; image += ${parts}u) {
    for (var out_y = 0u; out_y < ${window.outputHeight}u; out_y++) {
      let y = i32(out_y * ${stride}u + ky) - ${window.paddingTop};
      if (y < 0 || y >= ${window.inputHeight}) { continue; }
      let in_line = (image * ${window.inputHeight}u + u32(y)) * ${window.inputWidth}u;
      let out_line = (image * ${window.outputHeight}u + out_y) * ${window.outputWidth}u;
      ${lines(kernelWidth, (kx) => `var pixel_${kx} = ${isFresh(kx) ? 'vec4<f32>()' : `input_pixel(in_line, ${kx - window.paddingLeft}, q)`};`)}
      for (var out_x = 0u; out_x < ${window.outputWidth}u; out_x++) {
        let left = i32(out_x * ${stride}u) - ${window.paddingLeft};
        ${lines(kernelWidth, (kx) => (isFresh(kx) ? `pixel_${kx} = input_pixel(in_line, left + ${kx}, q);` : ''))}
        let y_gradient = result_gradient(out_line + out_x, column);
        bias_sum += y_gradient;
        ${lines(kernelWidth, (kx) => lines(lanes, (k) => `sum_${kx}_${k} += pixel_${kx}[${k}] * y_gradient;`))}
        ${lines(kernelWidth, (kx) => (kx + stride < kernelWidth ? `pixel_${kx} = pixel_${kx + stride};` : ''))}
      }
    }
  }
  ${lines(kernelWidth, (kx) =>
    lines(
      lanes,
      (k) => `if (4u * q + ${k}u < ${channels}u) {
    ${store(`(ky * ${kernelWidth}u + ${kx}u) * ${channels}u + 4u * q + ${k}u`, `sum_${kx}_${k}`)}
  }`,
    ),
  )}
  // This line of the window lies within the image wherever the window does.
  if (q == 0u && ky == ${window.paddingTop}u) { ${store(`${taps}u`, 'bias_sum')} }`,
  });
  const total = dispatchOver({
    label: 'convolution backward to kernel, parts',
    count: inAll((taps + 1) * columns),
    bindings: {
      sums: readsRaw(scratch, 'vec4<f32>'),
      kernel: accumulates(kernel),
      bias: accumulates(bias),
    },
    functions: [rowWriting('kernel', kernel, filters), rowWriting('bias', bias, filters)].join('\n'),
    body: `
  var sum = vec4<f32>();
  for (var part = 0u; part < ${parts}u; part++) { sum += sums[part * ${(taps + 1) * columns}u + i]; }
  let row = i / ${columns}u;
  if (row < ${taps}u) { kernel_put_row(row, i % ${columns}u, sum); } else { bias_put_row(0u, i % ${columns}u, sum); }`,
  });
  return [sums, total];
}

const tapsOf = ({ window, channels }: Shape): number => window.kernelHeight * window.kernelWidth * channels;

function splitOf(
  { window, channels, filters }: Shape,
  { tiles, examplesPerPass }: Pick<Placement, 'tiles' | 'examplesPerPass'>,
) {
  const columns = groupsOf(filters);
  const inputGroups = groupsOf(channels);
  const wanted = Math.ceil(tiles.invocations / (columns * inputGroups * window.kernelHeight));
  return { columns, inputGroups, parts: Math.min(wanted, examplesPerPass) };
}

const columnsOf = (groups: number, columns: number): string =>
  lines(groups, (c) => `let column_${c} = min(first_column + ${c}u, ${columns - 1}u);`);

/** Of a padded group; what lies beyond the last channel is multiplied by zero, or left out. */
const channelOf = (group: string, lane: number, channels: number): string =>
  channels % 4 === 0 || channels < 4
    ? `4u * ${group} + ${lane}u`
    : `min(4u * ${group} + ${lane}u, ${channels - 1}u)`;
