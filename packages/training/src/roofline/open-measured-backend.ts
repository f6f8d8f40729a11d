import type { MeasuredBackend, MeasuredBackendName, MissingBackend } from './measured-backend.ts';
import { openReferenceBackend } from './reference-backend.ts';
import { openWasmBackend } from './wasm-backend.ts';
import { openWebGpuBackend } from './webgpu-backend.ts';

export async function openMeasuredBackend(
  name: MeasuredBackendName,
): Promise<MeasuredBackend | MissingBackend> {
  switch (name) {
    case 'wasm':
      return openWasmBackend('strict') ?? { reason: 'no WebAssembly SIMD' };
    case 'wasm-relaxed':
      return openWasmBackend('relaxed') ?? { reason: 'no relaxed WebAssembly SIMD' };
    case 'webgpu':
      return openWebGpuBackend();
    case 'reference':
      return openReferenceBackend();
  }
}
