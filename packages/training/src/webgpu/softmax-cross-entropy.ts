import type { Network } from '../network/network.ts';
import { type Dispatch, dispatchOver, perExample } from './dispatch.ts';
import type { ExampleBuffers } from './example-buffers.ts';
import { groupsOf, rowReading, rowWriting, upTo } from './matrix.ts';
import type { GpuMemory } from './memory.ts';
import { reads, readsRaw, writes, writesRaw } from './storage.ts';

/** One invocation for each label: adds its loss to the place's sum, and begins the backward pass. */
export function softmaxCrossEntropy(
  network: Network,
  memory: GpuMemory,
  { labels }: ExampleBuffers,
): Dispatch {
  const { rows, width } = network.values[network.logits];
  const logits = memory.value(network.logits);
  const gradient = memory.gradientOf(network.logits);
  const present = (k: number): string => `4u * g + ${k}u < ${width}u`;
  return dispatchOver({
    label: 'softmax cross-entropy',
    count: perExample(rows),
    bindings: {
      logits: reads(logits),
      gradient: writes(gradient),
      labels: readsRaw(labels, 'i32'),
      indices: readsRaw(memory.indices, 'u32'),
      losses: writesRaw(memory.losses, 'f32'),
      ...(memory.lossScale && { loss_scale: readsRaw(memory.lossScale, 'f32') }),
    },
    functions: [
      rowReading('logits', logits, width),
      rowWriting('gradient', gradient, width),
      `fn present(g: u32) -> vec4<bool> { return vec4<bool>(${upTo(4).map(present)}); }`,
    ].join('\n'),
    workgroupSize: 32,
    body: `
  let label = u32(labels[indices[i / ${rows}u] * ${rows}u + i % ${rows}u]);
  var highest = logits_at(i * ${width}u);
  for (var k = 1u; k < ${width}u; k++) { highest = max(highest, logits_at(i * ${width}u + k)); }
  var sums = vec4<f32>();
  for (var g = 0u; g < ${groupsOf(width)}u; g++) {
    sums += select(vec4<f32>(), exp(logits_row(i, g) - highest), present(g));
  }
  let sum = sums.x + sums.y + sums.z + sums.w;
  losses[i] += log(sum) + highest - logits_at(i * ${width}u + label);
  let scale = batch.gradient_scale${memory.lossScale ? ' * loss_scale[0]' : ''};
  for (var g = 0u; g < ${groupsOf(width)}u; g++) {
    let is_label = vec4<u32>(4u * g) + vec4<u32>(0u, 1u, 2u, 3u) == vec4<u32>(label);
    let probability = exp(logits_row(i, g) - highest) / sum;
    gradient_put_row(i, g, (probability - select(vec4<f32>(), vec4<f32>(1.0), is_label)) * scale);
  }`,
  });
}
