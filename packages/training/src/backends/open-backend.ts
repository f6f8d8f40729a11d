/** Capability probes: can this backend start here, and on which adapter? */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '@tributary/fl-core';
import { registerWasmKernels } from '../tfjs/wasm-kernels/register.ts';
import { findAdapter } from '../webgpu/find-adapter.ts';
import type { BackendOptions } from './candidate.ts';
import { isSoftware, softwareReason } from './software-adapter.ts';

export type TfjsBackendName = Exclude<BackendName, 'plain'>;

/** Ready to be set on tfjs, or the reason why not. */
export type OpenedBackend =
  | { readonly usable: true; readonly adapter: string }
  | { readonly usable: false; readonly reason: string };

export async function openBackend(name: TfjsBackendName, options: BackendOptions): Promise<OpenedBackend> {
  // Silences tfjs's advertisement for its native Node package.
  tf.enableProdMode();
  try {
    const probed = await PROBES[name](options);
    if (!probed.usable) return probed;
    return (await tf.setBackend(name)) ? probed : refuse('the backend did not start');
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'the backend did not start');
  }
}

const PROBES: Record<TfjsBackendName, (options: BackendOptions) => Promise<OpenedBackend>> = {
  webgpu: probeWebGpu,
  webgl: probeWebGl,
  wasm: probeWasm,
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu');
    return { usable: true, adapter: '' };
  },
};

async function probeWebGpu(options: BackendOptions): Promise<OpenedBackend> {
  const found = await findAdapter(options);
  if (!found.usable) return found;
  await import('@tensorflow/tfjs-backend-webgpu');
  return { usable: true, adapter: found.name };
}

async function probeWebGl({ allowSoftwareAdapter }: BackendOptions): Promise<OpenedBackend> {
  if (typeof OffscreenCanvas === 'undefined') return refuse('WebGL is not available in a worker here');
  const context = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (context === null) return refuse('WebGL 2 is not available here');
  const debugInfo = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(debugInfo?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  if (isSoftware(renderer) && !allowSoftwareAdapter) return refuse(softwareReason(renderer));
  await import('@tensorflow/tfjs-backend-webgl');
  return { usable: true, adapter: renderer };
}

async function probeWasm({ wasmPaths }: BackendOptions): Promise<OpenedBackend> {
  if (typeof WebAssembly === 'undefined') return refuse('WebAssembly is not available here');
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (wasmPaths !== undefined && !tf.engine().registry.wasm) {
    setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
  }
  registerWasmKernels();
  return { usable: true, adapter: '' };
}

function refuse(reason: string): OpenedBackend {
  return { usable: false, reason };
}
