/** One GPU: its device, what shaders are made for, and the pipelines compiled for it. */
import { TributaryError } from '@tributary/fl-core';
import { type BoundRange, type Dispatch, moduleOf } from './dispatch.ts';
import { type FoundAdapter, findAdapter } from './find-adapter.ts';
import { COMPUTE_STAGE } from './flags.ts';
import type { DeviceTraits } from './operation.ts';
import { HARDWARE_TILES, SOFTWARE_TILES, type Tiles } from './tiles.ts';

export interface Gpu {
  readonly device: GPUDevice;
  /** As the platform names it, e.g. `swiftshader`. */
  readonly adapter: string;
  readonly traits: DeviceTraits;
  readonly tiles: Tiles;
  /** Example sets up to this size stay on the GPU. */
  readonly residentBytes: number;
  /** Of `@group(0)`. */
  readonly batchLayout: GPUBindGroupLayout;
  /** Each shader is compiled once, whatever the buffers that it is bound to. */
  compile(dispatch: Dispatch): Promise<void>;
  /** Of a dispatch whose shader is compiled. */
  bind(dispatch: Dispatch): PreparedDispatch;
  /** What went wrong, once something has: a lost device, or a mistake of ours that the browser found. */
  failure(): TributaryError | null;
  /** Resolves when the device is lost by itself. */
  readonly lost: Promise<TributaryError>;
  close(): void;
}

export interface PreparedDispatch {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

export type OpenedGpu =
  | { readonly usable: true; readonly gpu: Gpu }
  | { readonly usable: false; readonly reason: string };

/** Half a gigabyte of examples is as much as a visitor may ask of somebody's GPU. */
const MOST_RESIDENT_BYTES = 512 * 1024 * 1024;

export async function openGpu(options: { readonly allowSoftwareAdapter?: boolean }): Promise<OpenedGpu> {
  const found = await findAdapter(options);
  return found.usable ? { usable: true, gpu: await gpuOn(found) } : found;
}

async function gpuOn({ adapter, name, isSoftware }: Extract<FoundAdapter, { usable: true }>): Promise<Gpu> {
  const hasHalves = adapter.features.has('shader-f16');
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: hasHalves ? ['shader-f16'] : [],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  let failure: TributaryError | null = null;
  device.addEventListener('uncapturederror', ({ error }) => {
    failure ??= new TributaryError('backend-unavailable', `WebGPU refused: ${error.message}`);
  });
  const lost = device.lost.then(({ reason, message }) => {
    failure ??= new TributaryError('backend-unavailable', `the GPU was lost: ${message || reason}`);
    // A device that we gave back ourselves is nobody's loss.
    return reason === 'destroyed' && isClosed ? new Promise<never>(() => {}) : failure;
  });
  let isClosed = false;
  const batchLayout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: COMPUTE_STAGE, buffer: { type: 'uniform' } }],
  });
  const compiling = new Map<string, Promise<void>>();
  const compiled = new Map<string, CompiledShader>();
  return {
    device,
    adapter: name,
    traits: { isSoftware, hasHalves },
    tiles: isSoftware ? SOFTWARE_TILES : HARDWARE_TILES,
    residentBytes: Math.min(maxStorageBufferBindingSize, MOST_RESIDENT_BYTES),
    batchLayout,
    compile(dispatch) {
      const { wgsl, ranges } = moduleOf(dispatch);
      const known = compiling.get(wgsl);
      if (known) return known;
      const layout = device.createBindGroupLayout({ entries: ranges.map(layoutEntry) });
      const compilation = compile(device, wgsl, dispatch.label, [batchLayout, layout]).then((pipeline) => {
        compiled.set(wgsl, { pipeline, layout });
      });
      compiling.set(wgsl, compilation);
      return compilation;
    },
    bind(dispatch) {
      const { wgsl, ranges } = moduleOf(dispatch);
      const shader = compiled.get(wgsl);
      if (shader === undefined) throw new Error(`${dispatch.label} is not compiled`);
      const entries = ranges.map(({ range: { buffer, offset, size } }, binding) => ({
        binding,
        resource: { buffer, offset, size },
      }));
      const bindGroup = device.createBindGroup({ layout: shader.layout, entries });
      return { dispatch, pipeline: shader.pipeline, bindGroup };
    },
    failure: () => failure,
    lost,
    close() {
      isClosed = true;
      device.destroy();
    },
  };
}

interface CompiledShader {
  readonly pipeline: GPUComputePipeline;
  /** Of `@group(1)`. */
  readonly layout: GPUBindGroupLayout;
}

function layoutEntry({ access }: BoundRange, binding: number): GPUBindGroupLayoutEntry {
  const type = access === 'read' ? 'read-only-storage' : 'storage';
  return { binding, visibility: COMPUTE_STAGE, buffer: { type } };
}

async function compile(
  device: GPUDevice,
  wgsl: string,
  label: string,
  bindGroupLayouts: GPUBindGroupLayout[],
): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ code: wgsl, label });
  try {
    return await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts }),
      compute: { module, entryPoint: 'main' },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TributaryError('backend-unavailable', `WebGPU refused the shader ${label}: ${reason}`);
  }
}
