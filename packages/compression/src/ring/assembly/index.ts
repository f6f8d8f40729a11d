/**
 * Adding modulo 2^b: 128-bit SIMD, one file per form in which elements travel. `npm run build:kernels` compiles them and
 * embeds the result. Addresses count bytes. Sums have 1, 2 or 4 bytes each, of which the low b bits count; so what else
 * comes with an element does not matter, and nothing here masks what it adds.
 *
 * Lanes and packed bytes may be read up to 16 bytes beyond their end.
 */

export * from './lanes';
export * from './packed';
export * from './packing';
export * from './rounding';
export * from './values';
