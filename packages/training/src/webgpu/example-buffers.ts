/** Examples on the GPU: whole sets where they fit, else the rows of each pass as it comes. */
import type { ExampleSet } from '@tributary/fl-core';
import type { Network } from '../network/network.ts';
import { type Dispatch, dispatchOver, groupsPerExample } from './dispatch.ts';
import { COPY_DST, STORAGE } from './flags.ts';
import type { GpuMemory } from './memory.ts';
import { numbersOf } from './operation.ts';
import { type BufferRange, readsRaw, writes } from './storage.ts';

export interface ExampleBuffers {
  readonly inputs: BufferRange;
  readonly labels: BufferRange;
  release(): void;
}

export function uploadExamples(
  device: GPUDevice,
  { inputs, labels }: Pick<ExampleSet, 'inputs' | 'labels'>,
): ExampleBuffers {
  const upload = (numbers: Float32Array | Int32Array): BufferRange => {
    const size = Math.max(16, Math.ceil(numbers.byteLength / 16) * 16);
    const buffer = device.createBuffer({ size, usage: STORAGE | COPY_DST });
    device.queue.writeBuffer(
      buffer,
      0,
      numbers.buffer as ArrayBuffer,
      numbers.byteOffset,
      numbers.byteLength,
    );
    return { buffer, offset: 0, size, access: 'read' };
  };
  const uploaded = { inputs: upload(inputs), labels: upload(labels) };
  return {
    ...uploaded,
    release() {
      uploaded.inputs.buffer.destroy();
      uploaded.labels.buffer.destroy();
    },
  };
}

/** The rows of a pass, in its order. */
export function rowsOf(examples: ExampleSet, batch: Int32Array): Pick<ExampleSet, 'inputs' | 'labels'> {
  const width = examples.inputs.length / examples.count;
  const inputs = new Float32Array(batch.length * width);
  const labels = new Int32Array(batch.length * examples.labelsPerExample);
  batch.forEach((example, row) => {
    inputs.set(examples.inputs.subarray(example * width, (example + 1) * width), row * width);
    const from = example * examples.labelsPerExample;
    labels.set(
      examples.labels.subarray(from, from + examples.labelsPerExample),
      row * examples.labelsPerExample,
    );
  });
  return { inputs, labels };
}

/** Copies the examples of a pass, by their indices, to where the network reads them. */
export function gather(network: Network, memory: GpuMemory, { inputs }: ExampleBuffers): Dispatch {
  const numbers = numbersOf(network.values[network.input]);
  const isGrouped = numbers % 4 === 0;
  const groups = Math.ceil(numbers / 4);
  const number = (k: number): string => `number_at(4u * i + ${k}u)`;
  return dispatchOver({
    label: 'gather',
    count: groupsPerExample(numbers),
    bindings: {
      examples: readsRaw(inputs, isGrouped ? 'vec4<f32>' : 'f32'),
      indices: readsRaw(memory.indices, 'u32'),
      input: writes(memory.value(network.input)),
    },
    functions: isGrouped
      ? ''
      : `fn number_at(at: u32) -> f32 {
  return examples[indices[min(at / ${numbers}u, batch.examples - 1u)] * ${numbers}u + at % ${numbers}u];
}`,
    body: isGrouped
      ? `input_put_group(i, examples[indices[i / ${groups}u] * ${groups}u + i % ${groups}u]);`
      : `input_put_group(i, vec4<f32>(${number(0)}, ${number(1)}, ${number(2)}, ${number(3)}));`,
  });
}
