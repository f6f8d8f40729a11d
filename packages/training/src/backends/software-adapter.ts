/** CPUs that play GPU: SwiftShader, llvmpipe and the like. */
export function isSoftware(adapter: string): boolean {
  return /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render/i.test(adapter);
}

export function softwareReason(adapter: string): string {
  return `software adapter ${adapter}, slower than wasm`;
}
