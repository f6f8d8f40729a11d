import { TributaryError } from '@tributary/fl-core';
import type { Gpu } from './device.ts';
import { COPY_DST, MAP_READ, READ_MODE } from './flags.ts';

/**
 * A copy of the first `count` numbers, after everything that was queued before.
 * @throws TributaryError `backend-unavailable` when the GPU was lost, or refused anything that was asked of it before
 */
export async function readBack(gpu: Gpu, source: GPUBuffer, count: number): Promise<Float32Array> {
  return takeStaged(gpu, stageCopy(gpu, source, count), count);
}

/** Queues the copy; what is queued afterwards does not change it. */
export function stageCopy({ device }: Gpu, source: GPUBuffer, count: number, offset = 0): GPUBuffer {
  const staging = device.createBuffer({ size: Math.max(4, 4 * count), usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, offset, staging, 0, 4 * count);
  device.queue.submit([encoder.finish()]);
  return staging;
}

export async function takeStaged(gpu: Gpu, staging: GPUBuffer, count: number): Promise<Float32Array> {
  try {
    await staging.mapAsync(READ_MODE);
    const failed = gpu.failure();
    if (failed) throw failed;
    return new Float32Array(staging.getMappedRange().slice(0, 4 * count));
  } catch (error) {
    throw (
      gpu.failure() ?? new TributaryError('backend-unavailable', `the GPU gave no answer: ${String(error)}`)
    );
  } finally {
    staging.destroy();
  }
}
