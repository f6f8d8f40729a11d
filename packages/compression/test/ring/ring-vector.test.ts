import { createPlainRingVector } from '../../src/ring/plain-ring-vector.ts';
import { ringVectorContract } from './ring-vector-contract.ts';

ringVectorContract('plain', createPlainRingVector);
