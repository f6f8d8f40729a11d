/**
 * What all members of a round compute alike, in 128-bit SIMD: `npm run build:kernels` compiles and embeds it. Addresses count
 * bytes. Each result is that of the plain code, to the bit: the same operations of IEEE 754 on the same operands.
 */

export * from './dither';
export * from './hadamard';
export * from './philox';
export * from './selection';
export * from './signs';
