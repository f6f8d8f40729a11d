import type { Convolution, Dense } from '../../network/network.ts';
import { rowReading } from '../matrix.ts';
import type { Placement } from '../operation.ts';
import { type Binding, reads } from '../storage.ts';

/** `result_gradient(r, g)`: the gradient of the output, brought back before a ReLU. */
export function resultGradient(
  { output, activation }: Dense | Convolution,
  { value, gradient, slope }: Placement,
  width: number,
): { readonly bindings: Readonly<Record<string, Binding>>; readonly functions: string } {
  const result = reads(gradient(output));
  const reading = rowReading('result', gradient(output), width);
  if (activation !== 'relu' || slope.isDoneForOutput) {
    return {
      bindings: { result },
      functions: `${reading}
fn result_gradient(r: u32, g: u32) -> vec4<f32> { return result_row(r, g); }`,
    };
  }
  return {
    bindings: { result, output: reads(value(output)) },
    functions: `${reading}
${rowReading('output', value(output), width)}
fn result_gradient(r: u32, g: u32) -> vec4<f32> {
  return select(vec4<f32>(), result_row(r, g), output_row(r, g) > vec4<f32>());
}`,
  };
}
