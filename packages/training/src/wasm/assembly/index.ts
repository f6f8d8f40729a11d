/**
 * The WebAssembly kernels: 128-bit SIMD, one file per idea. `npm run build:kernels` compiles them
 * twice, strict and relaxed (multiply-add.ts), and embeds the results. Addresses count bytes.
 */

export * from './attention';
export * from './convolution';
export { layOutConvolution } from './convolution-layout';
export * from './depthwise';
export * from './embedding';
export * from './gemm';
export { heapBase, moveHeap } from './heap';
export * from './loss';
export * from './machine-peak';
export * from './max-pooling';
export * from './normalisation';
export * from './optimisers';
export * from './recurrence';
export * from './vectors';
