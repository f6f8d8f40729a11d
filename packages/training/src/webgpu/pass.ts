/** A pass: dispatches one after another, as one command buffer. */

import type { Gpu, PreparedDispatch } from './device.ts';
import { BATCH_BYTES } from './memory.ts';

/** Runs them over so many examples; the whole list so many times. */
export type SubmitPass = (dispatches: readonly PreparedDispatch[], examples: number, times?: number) => void;

/** @param control says what batch it is; `encodeBatch` writes it */
export function createPass({ device, batchLayout }: Gpu, control: GPUBuffer): SubmitPass {
  const batchGroup = device.createBindGroup({
    layout: batchLayout,
    entries: [{ binding: 0, resource: { buffer: control, size: BATCH_BYTES } }],
  });
  return (dispatches, examples, times = 1) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setBindGroup(0, batchGroup);
    for (let time = 0; time < times; time += 1) {
      for (const { dispatch, pipeline, bindGroup } of dispatches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(1, bindGroup);
        pass.dispatchWorkgroups(...dispatch.workgroups(examples));
      }
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}
