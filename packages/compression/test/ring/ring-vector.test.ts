import { createPlainRingVector } from '../../src/ring/plain-ring-vector.ts';
import { createWasmRingVector } from '../../src/ring/wasm-ring-vector.ts';
import { ringVectorContract } from './ring-vector-contract.ts';

ringVectorContract('plain', createPlainRingVector);
ringVectorContract('kernels', (length, bits) => {
  const vector = createWasmRingVector(length, bits);
  if (vector === null) throw new Error('no WebAssembly SIMD here');
  return vector;
});
