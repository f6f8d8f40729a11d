/**
 * The WebAssembly kernels: 128-bit SIMD, one file per idea. `npm run build:kernels -w packages/training` compiles them twice, strict and relaxed
 * (multiply-add.ts), and embeds the results. Addresses count bytes.
 */

export * from './gemm';
export * from './heap';
export * from './machine-peak';
