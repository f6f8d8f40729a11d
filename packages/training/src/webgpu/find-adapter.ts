import { isSoftware, softwareReason } from '../backends/software-adapter.ts';

export type FoundAdapter =
  | {
      readonly usable: true;
      readonly adapter: GPUAdapter;
      /** As the platform names it, e.g. `swiftshader`. */
      readonly name: string;
      readonly isSoftware: boolean;
    }
  | { readonly usable: false; readonly reason: string };

export async function findAdapter(options: {
  readonly allowSoftwareAdapter?: boolean;
}): Promise<FoundAdapter> {
  const gpu = (globalThis.navigator as { readonly gpu?: GPU } | undefined)?.gpu;
  if (gpu === undefined) return { usable: false, reason: 'WebGPU is not available here' };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return { usable: false, reason: 'WebGPU has no adapter' };
  // Older browsers say nothing about the adapter, or say it elsewhere.
  const info: Partial<GPUAdapterInfo> = adapter.info ?? {};
  const { isFallbackAdapter } = adapter as { readonly isFallbackAdapter?: boolean };
  const described = [info.vendor, info.architecture, info.description].filter(Boolean).join(' ');
  const name = info.architecture || info.description || info.vendor || '';
  const software = Boolean(isFallbackAdapter || info.isFallbackAdapter) || isSoftware(described);
  if (software && !options.allowSoftwareAdapter) return { usable: false, reason: softwareReason(name) };
  return { usable: true, adapter, name, isSoftware: software };
}
