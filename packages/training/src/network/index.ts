/** Models as lists of operations, and what they cost: `@tributary/training/network`. */
export { exportFormats } from './export-formats.ts';
export { floatingPointOperations } from './floating-point-operations.ts';
export { planMemory } from './memory-plan.ts';
export type {
  Activation,
  Network,
  Operation,
  OperationOf,
  ParameterReference,
  ValueId,
  Window,
} from './network.ts';
export { networkOf } from './network-of.ts';
export { networkOfLayers } from './network-of-layers.ts';
