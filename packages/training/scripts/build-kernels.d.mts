export function compileKernels(): Promise<Uint8Array>;
export function embed(binary: Uint8Array): string;
