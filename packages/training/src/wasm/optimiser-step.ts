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
          1 - wholePower(beta1, step),
          1 - wholePower(beta2, step),
        );
    }
  }
}

/** By multiplications, which round alike everywhere: ECMAScript leaves the last bits of `**` to each engine. */
export function wholePower(base: number, exponent: number): number {
  let power = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= square;
    square *= square;
  }
  return power;
}
