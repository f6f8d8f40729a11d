import type { Window } from '../../network/network.ts';
import { dispatchOver, perExample } from '../dispatch.ts';
import { groupsOf, rowReading, rowWriting } from '../matrix.ts';
import { type WebGpuOperation, writesOrAdds } from '../operation.ts';
import { reads, writes } from '../storage.ts';

/** The highest of each window is looked for again on the way back, which costs less than keeping its place. */
export const maxPooling: WebGpuOperation<'max-pooling'> = {
  memory: () => ({ saved: 0, scratch: 0 }),
  place({ input, output, window }, { network, flow, slope, value, gradient }) {
    const { width } = network.values[output]!;
    const columns = groupsOf(width);
    const forward = dispatchOver({
      label: 'max pooling',
      count: perExample(window.outputHeight * window.outputWidth * columns),
      bindings: { input: reads(value(input)), output: writes(value(output)) },
      functions: [
        rowReading('input', value(input), width),
        rowWriting('output', value(output), width),
        WINDOW_OF(window),
      ].join('\n'),
      body: `
  let g = i % ${columns}u;
  let pixel = i / ${columns}u;
  let frame = window_of(pixel % ${window.outputHeight * window.outputWidth}u);
  let image = pixel / ${window.outputHeight * window.outputWidth}u * ${window.inputHeight * window.inputWidth}u;
  var highest = vec4<f32>(${LOWEST});
  for (var y = frame.top; y < frame.bottom; y++) {
    for (var x = frame.left; x < frame.right; x++) {
      highest = max(highest, input_row(image + u32(y * ${window.inputWidth} + x), g));
    }
  }
  output_put_row(pixel, g, highest);`,
    });
    if (flow.input === 'none') return { forward: [forward], backward: [] };
    const backward = dispatchOver({
      label: 'max pooling backward',
      count: perExample(window.inputHeight * window.inputWidth * columns),
      bindings: {
        input: reads(value(input)),
        result: reads(gradient(output)),
        operand: writesOrAdds(flow.input, gradient(input)),
      },
      functions: [
        rowReading('input', value(input), width),
        rowReading('result', gradient(output), width),
        rowWriting('operand', gradient(input), width),
        WINDOW_OF(window),
      ].join('\n'),
      body: `
  let g = i % ${columns}u;
  let pixel = i / ${columns}u;
  let example = pixel / ${window.inputHeight * window.inputWidth}u;
  let image = example * ${window.inputHeight * window.inputWidth}u;
  let own_y = i32(pixel % ${window.inputHeight * window.inputWidth}u) / ${window.inputWidth};
  let own_x = i32(pixel) % ${window.inputWidth};
  let own = input_row(pixel, g);
  var sum = vec4<f32>();
  // All windows that this pixel lies in.
  let first_y = max(own_y + ${window.paddingTop - window.kernelHeight + window.stride}, 0) / ${window.stride};
  let first_x = max(own_x + ${window.paddingLeft - window.kernelWidth + window.stride}, 0) / ${window.stride};
  let last_y = min((own_y + ${window.paddingTop}) / ${window.stride}, ${window.outputHeight - 1});
  let last_x = min((own_x + ${window.paddingLeft}) / ${window.stride}, ${window.outputWidth - 1});
  for (var out_y = first_y; out_y <= last_y; out_y++) {
    for (var out_x = first_x; out_x <= last_x; out_x++) {
      let at = u32(out_y * ${window.outputWidth} + out_x);
      let frame = window_of(at);
      var is_first = vec4<bool>(true);
      for (var y = frame.top; y < frame.bottom; y++) {
        for (var x = frame.left; x < frame.right; x++) {
          let other = input_row(image + u32(y * ${window.inputWidth} + x), g);
          let is_before = y < own_y || (y == own_y && x < own_x);
          is_first &= select(other <= own, other < own, is_before) | vec4<bool>(y == own_y && x == own_x);
        }
      }
      sum += select(vec4<f32>(), result_row(example * ${window.outputHeight * window.outputWidth}u + at, g), is_first);
    }
  }
  ${slope.isDueForInput ? 'sum = select(vec4<f32>(), sum, own > vec4<f32>());' : ''}
  operand_put_row(pixel, g, sum);`,
    });
    return { forward: [forward], backward: [backward] };
  },
};

const LOWEST = '-3.40282346e38';

/** `window_of(pixel)`: the part of the input image that an output pixel sees. */
const WINDOW_OF = (window: Window): string => `
struct Frame { top: i32, bottom: i32, left: i32, right: i32 }
fn window_of(pixel: u32) -> Frame {
  let top = i32(pixel / ${window.outputWidth}u) * ${window.stride} - ${window.paddingTop};
  let left = i32(pixel % ${window.outputWidth}u) * ${window.stride} - ${window.paddingLeft};
  return Frame(
    max(top, 0), min(top + ${window.kernelHeight}, ${window.inputHeight}),
    max(left, 0), min(left + ${window.kernelWidth}, ${window.inputWidth}),
  );
}`;
