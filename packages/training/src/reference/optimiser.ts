import type { ClientOptimiser } from '@tributary/fl-core';

export interface OptimiserStep {
  readonly parameters: Float32Array;
  readonly gradient: Float64Array;
  readonly moments: readonly Float32Array[];
  /** Counted from 1. */
  readonly step: number;
}

/** Moves the parameters and the moments. */
export function applyOptimiser(optimiser: ClientOptimiser, at: OptimiserStep): void {
  const { parameters, gradient, moments, step } = at;
  const rate = optimiser.learningRate;
  switch (optimiser.kind) {
    case 'sgd':
      for (let i = 0; i < parameters.length; i += 1) parameters[i] -= rate * gradient[i];
      return;
    case 'momentum': {
      const velocity = moments[0];
      for (let i = 0; i < parameters.length; i += 1) {
        velocity[i] = optimiser.momentum * velocity[i] + gradient[i];
        parameters[i] -= rate * velocity[i];
      }
      return;
    }
    case 'adam': {
      // Kingma and Ba 2015, algorithm 1.
      const { beta1, beta2, epsilon } = optimiser;
      const [first, second] = moments;
      const correction1 = 1 - beta1 ** step;
      const correction2 = 1 - beta2 ** step;
      for (let i = 0; i < parameters.length; i += 1) {
        const g = gradient[i];
        first[i] = beta1 * first[i] + (1 - beta1) * g;
        second[i] = beta2 * second[i] + (1 - beta2) * g * g;
        parameters[i] -= (rate * (first[i] / correction1)) / (Math.sqrt(second[i] / correction2) + epsilon);
      }
      return;
    }
  }
}
