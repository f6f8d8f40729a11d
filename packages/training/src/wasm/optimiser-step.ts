import type { ClientOptimiser } from '@tributary/fl-core';
import type { Kernels } from './kernels.ts';
import type { Address } from './operation.ts';

interface Vectors {
  readonly parameters: Address;
  /** Left zero. */
  readonly gradient: Address;
  readonly moments: readonly Address[];
  /** Of each of them. */
  readonly bytes: number;
}

/** What moves the parameters in step number `step`, counted from 1. */
export function optimiserStep(
  kernels: Kernels,
  optimiser: ClientOptimiser,
  { parameters, gradient, moments, bytes }: Vectors,
): (step: number) => void {
  const { learningRate } = optimiser;
  switch (optimiser.kind) {
    case 'sgd':
      return () => kernels.stepSgd(parameters, gradient, bytes, learningRate);
    case 'momentum':
      return () =>
        kernels.stepMomentum(parameters, gradient, moments[0], bytes, learningRate, optimiser.momentum);
    case 'adam': {
      const { beta1, beta2, epsilon } = optimiser;
      return (step) =>
        kernels.stepAdam(
          parameters,
          gradient,
          moments[0],
          moments[1],
          bytes,
          learningRate,
          beta1,
          beta2,
          epsilon,
          1 - beta1 ** step,
          1 - beta2 ** step,
        );
    }
  }
}
