/** GPT-2's GELU, as `Activation` of network.ts says, and its derivative. */
export const GELU = `
fn gelu_inner(x: vec4<f32>) -> vec4<f32> {
  // Beyond this the hyperbolic tangent is 1 in float32; some GPUs compute it by exponentials that overflow.
  return tanh(clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), vec4<f32>(-15.0), vec4<f32>(15.0)));
}
fn gelu(x: vec4<f32>) -> vec4<f32> { return 0.5 * x * (1.0 + gelu_inner(x)); }
fn gelu_slope(x: vec4<f32>) -> vec4<f32> {
  let t = gelu_inner(x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 3.0 * 0.044715 * x * x);
}`;
