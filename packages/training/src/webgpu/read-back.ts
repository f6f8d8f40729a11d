import { TributaryError } from '@tributary/fl-core';
import type { Gpu } from './device.ts';
import { COPY_DST, MAP_READ, READ_MODE } from './flags.ts';

export interface Source {
  readonly buffer: GPUBuffer;
  /** First byte. */
  readonly offset: number;
  /** Numbers. */
  readonly count: number;
}

/**
 * Copies of what is on the GPU, after everything that was queued before; what is queued afterwards does not change them.
 * @throws TributaryError `backend-unavailable` when the GPU was lost, or refused anything that was asked of it before
 */
export type ReadBack = (source: Source) => Promise<Float32Array>;

/** Through one buffer that is there already; a reading that begins before another ends has one of its own. */
export function readBackThrough(gpu: Gpu, staging: GPUBuffer): ReadBack {
  let isTaken = false;
  return async (source) => {
    if (isTaken || 4 * source.count > staging.size) return readBackAlone(gpu)(source);
    isTaken = true;
    try {
      return await copyOut(gpu, source, staging);
    } finally {
      isTaken = false;
      // A device that is lost has unmapped everything.
      if (!gpu.failure()) staging.unmap();
    }
  };
}

/** Through a buffer that is made for it. */
export function readBackAlone(gpu: Gpu): ReadBack {
  return async (source) => {
    const size = Math.max(4, 4 * source.count);
    const staging = gpu.device.createBuffer({ size, usage: MAP_READ | COPY_DST });
    try {
      return await copyOut(gpu, source, staging);
    } finally {
      staging.destroy();
    }
  };
}

async function copyOut(gpu: Gpu, source: Source, staging: GPUBuffer): Promise<Float32Array> {
  const bytes = 4 * source.count;
  const encoder = gpu.device.createCommandEncoder();
  encoder.copyBufferToBuffer(source.buffer, source.offset, staging, 0, bytes);
  gpu.device.queue.submit([encoder.finish()]);
  try {
    await staging.mapAsync(READ_MODE, 0, Math.max(4, bytes));
    const failed = gpu.failure();
    if (failed) throw failed;
    return new Float32Array(staging.getMappedRange(0, Math.max(4, bytes)).slice(0, bytes));
  } catch (error) {
    throw (
      gpu.failure() ?? new TributaryError('backend-unavailable', `the GPU gave no answer: ${String(error)}`)
    );
  }
}
