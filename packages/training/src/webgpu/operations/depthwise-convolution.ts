/** One filter per channel (Chollet 2017, section 1): few operations per number, so each invocation reads neighbours as vectors. */
import type { DepthwiseConvolution, Network } from '../../network/network.ts';
import { type Dispatch, dispatchOver, inAll, perExample } from '../dispatch.ts';
import { type Lanes, lanesOf } from '../lanes.ts';
import { type Placement, type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { reads, writes, writesRaw } from '../storage.ts';
import { addPartialSums, chunksOf, partialBytes } from './column-sums.ts';

export const depthwiseConvolution: WebGpuOperation<'depthwise-convolution'> = {
  memory(operation, network, examplesPerPass) {
    if (operation.kernel.store === 'frozen') return { saved: 0, scratch: 0 };
    const { taps, width } = shapeOf(operation, network);
    const chunks = chunksOf(operation.window.outputHeight * examplesPerPass);
    return { saved: 0, scratch: partialBytes(chunks, (taps + 1) * width) };
  },
  place(operation, placement) {
    return {
      forward: [convolve(operation, placement)],
      backward: [
        ...(operation.kernel.store === 'trained' ? parameterGradients(operation, placement) : []),
        ...(placement.flow.input === 'none' ? [] : [inputGradient(operation, placement)]),
      ],
    };
  },
};

interface Shape {
  readonly width: number;
  readonly taps: number;
  readonly lanes: Lanes;
  readonly columns: number;
  readonly inputRows: number;
  readonly outputRows: number;
}

function shapeOf({ window, output }: DepthwiseConvolution, network: Network): Shape {
  const { width } = network.values[output];
  const lanes = lanesOf(width);
  return {
    width,
    taps: window.kernelHeight * window.kernelWidth,
    lanes,
    columns: width / lanes.count,
    inputRows: window.inputHeight * window.inputWidth,
    outputRows: window.outputHeight * window.outputWidth,
  };
}

function convolve(operation: DepthwiseConvolution, { network, value, parameter }: Placement): Dispatch {
  const { window, input, output, kernel, bias } = operation;
  const { width, lanes, columns, inputRows, outputRows } = shapeOf(operation, network);
  const tap = `u32(down * ${window.kernelWidth} + right) * ${columns}u + column`;
  return dispatchOver({
    label: 'depthwise-convolution',
    count: perExample(outputRows * columns),
    bindings: {
      input: reads(value(input)),
      kernel: reads(parameter(kernel, width)),
      bias: reads(parameter(bias, width)),
      output: writes(value(output)),
    },
    body: `
  let column = i % ${columns}u;
  let pixel = i / ${columns}u;
  let top = i32(pixel / ${window.outputWidth}u % ${window.outputHeight}u) * ${window.stride} - ${window.paddingTop};
  let left = i32(pixel % ${window.outputWidth}u) * ${window.stride} - ${window.paddingLeft};
  let image = pixel / ${outputRows}u * ${inputRows}u;
  var sum = ${lanes.get('bias', 'column')};
  for (var down = 0; down < ${window.kernelHeight}; down++) {
    let y = top + down;
    if (y < 0 || y >= ${window.inputHeight}) { continue; }
    for (var right = 0; right < ${window.kernelWidth}; right++) {
      let x = left + right;
      if (x < 0 || x >= ${window.inputWidth}) { continue; }
      let source = (image + u32(y * ${window.inputWidth} + x)) * ${columns}u + column;
      sum += ${lanes.get('input', 'source')} * ${lanes.get('kernel', tap)};
    }
  }
  ${lanes.put('output', 'i', 'sum')}`,
  });
}

/** The transpose: each pixel of the input gathers from the windows that cover it. */
function inputGradient(operation: DepthwiseConvolution, placement: Placement): Dispatch {
  const { network, flow, gradient, parameter } = placement;
  const { window, input, output, kernel } = operation;
  const { width, lanes, columns, inputRows, outputRows } = shapeOf(operation, network);
  const { stride } = window;
  const tap = `u32(down * ${window.kernelWidth} + right) * ${columns}u + column`;
  return dispatchOver({
    label: 'depthwise-convolution backward',
    count: perExample(inputRows * columns),
    bindings: {
      result: reads(gradient(output)),
      kernel: reads(parameter(kernel, width)),
      operand: writesOrAdds(flow.input, gradient(input)),
    },
    body: `
  let column = i % ${columns}u;
  let pixel = i / ${columns}u;
  let bottom = i32(pixel / ${window.inputWidth}u % ${window.inputHeight}u) + ${window.paddingTop};
  let end = i32(pixel % ${window.inputWidth}u) + ${window.paddingLeft};
  let image = pixel / ${inputRows}u * ${outputRows}u;
  var sum = ${lanes.type}();
  for (var down = 0; down < ${window.kernelHeight}; down++) {
    let y = (bottom - down) / ${stride};
    if (bottom < down || y * ${stride} != bottom - down || y >= ${window.outputHeight}) { continue; }
    for (var right = 0; right < ${window.kernelWidth}; right++) {
      let x = (end - right) / ${stride};
      if (end < right || x * ${stride} != end - right || x >= ${window.outputWidth}) { continue; }
      let source = (image + u32(y * ${window.outputWidth} + x)) * ${columns}u + column;
      sum += ${lanes.get('result', 'source')} * ${lanes.get('kernel', tap)};
    }
  }
  ${lanes.put('operand', 'i', 'sum')}`,
  });
}

/**
 * A chunk is every so many-th line of output pixels; one invocation holds a row of taps of its channels. Taps outside of the
 * image count zero instead of being passed over: some compilers take minutes for that many branches.
 */
function parameterGradients(operation: DepthwiseConvolution, placement: Placement): readonly Dispatch[] {
  const { network, examplesPerPass, value, gradient, scratch } = placement;
  const { window, input, output, kernel, bias } = operation;
  const { width, taps, lanes, columns, inputRows } = shapeOf(operation, network);
  const chunks = chunksOf(window.outputHeight * examplesPerPass);
  const tapsOfRow = Array.from({ length: window.kernelWidth }, (_, tap) => tap);
  const addTap = (tap: number): string => `{
        let x = left + ${tap};
        let is_inside = is_line_inside && x >= 0 && x < ${window.inputWidth};
        let source = select(0u, (first_pixel + u32(x)) * ${columns}u + column, is_inside);
        tap${tap} += select(${lanes.type}(), g, is_inside) * ${lanes.get('input', 'source')};
      }`;
  const partial = dispatchOver({
    label: 'depthwise-convolution parameters',
    count: inAll(chunks * window.kernelHeight * columns),
    bindings: {
      input: reads(value(input)),
      result: reads(gradient(output)),
      partial: writesRaw(scratch, lanes.type),
    },
    body: `
  let column = i % ${columns}u;
  let down = i / ${columns}u % ${window.kernelHeight}u;
  let chunk = i / ${window.kernelHeight * columns}u;
  var sum = ${lanes.type}();
  ${tapsOfRow.map((tap) => `var tap${tap} = ${lanes.type}();`).join('\n  ')}
  for (var line = chunk; line < batch.examples * ${window.outputHeight}u; line += ${chunks}u) {
    let y = i32(line % ${window.outputHeight}u * ${window.stride}u + down) - ${window.paddingTop};
    let is_line_inside = y >= 0 && y < ${window.inputHeight};
    let first_pixel = line / ${window.outputHeight}u * ${inputRows}u + u32(max(y, 0)) * ${window.inputWidth}u;
    for (var pixel = 0u; pixel < ${window.outputWidth}u; pixel++) {
      let left = i32(pixel) * ${window.stride} - ${window.paddingLeft};
      let g = ${lanes.get('result', `(line * ${window.outputWidth}u + pixel) * ${columns}u + column`)};
      sum += g;
      ${tapsOfRow.map(addTap).join('\n      ')}
    }
  }
  let first = chunk * ${(taps + 1) * columns}u + column;
  ${tapsOfRow
    .map((tap) => `partial[first + (down * ${window.kernelWidth}u + ${tap}u) * ${columns}u] = tap${tap};`)
    .join('\n  ')}
  if (down == 0u) { partial[first + ${taps * columns}u] = sum; }`,
  });
  return [
    partial,
    ...addPartialSums(placement, scratch, chunks, [
      { reference: kernel, size: taps * width },
      { reference: bias, size: width },
    ]),
  ];
}
