const NAMES: Record<string, string> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
  plain: 'built-in (processor)',
  undecided: 'not chosen yet',
};

/** Backends newer than this page show by their own name. */
export const nameOfBackend = (name: string) => NAMES[name] ?? name;
