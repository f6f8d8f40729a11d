import type { EngineKind } from '../network/engine-kind.ts';
import { openGpu } from './device.ts';
import { valuesInHalves } from './half-precision.ts';
import { gpuMemoryLayout } from './memory.ts';
import { createWebGpuEngine } from './webgpu-engine.ts';

/** A GPU wants work for all of its cores at once; beyond this, memory is what ends first. */
const LARGEST_PASS = 256;

export type OpenedWebGpu =
  | { readonly usable: true; readonly kind: EngineKind }
  | { readonly usable: false; readonly reason: string };

/** Engines on one device, which `close` gives back. */
export async function openWebGpuEngines(options: {
  readonly allowSoftwareAdapter?: boolean;
}): Promise<OpenedWebGpu> {
  const opened = await openGpu(options);
  if (!opened.usable) return opened;
  const { gpu } = opened;
  const kind: EngineKind = {
    name: 'webgpu',
    adapter: gpu.adapter,
    layout: gpuMemoryLayout(gpu.tiles),
    mixedLayout: (network) => gpuMemoryLayout(gpu.tiles, valuesInHalves(network)),
    largestPass: LARGEST_PASS,
    runsOn: 'gpu',
    create: (spec) => createWebGpuEngine(gpu, spec),
    close: gpu.close,
  };
  return { usable: true, kind };
}
