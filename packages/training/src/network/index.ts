/** Models as lists of operations, and what they cost: `@tributary/training/network`. */
export { floatingPointOperations } from './floating-point-operations.ts';
export type { Network, Operation, ParameterReference, Window } from './network.ts';
export { networkOf } from './network-of.ts';
