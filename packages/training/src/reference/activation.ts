import type { Activation } from '../network/network.ts';

const GELU_FACTOR = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

export function activate(x: number, activation: Activation): number {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      // Written so that NaN stays NaN.
      return x < 0 ? 0 : x;
    case 'gelu':
      return 0.5 * x * (1 + Math.tanh(GELU_FACTOR * (x + GELU_CUBE * x ** 3)));
  }
}

/** The slope at `x`, the value before the activation. */
export function slopeOf(x: number, activation: Activation): number {
  switch (activation) {
    case 'linear':
      return 1;
    case 'relu':
      return x > 0 ? 1 : 0;
    case 'gelu': {
      const tanh = Math.tanh(GELU_FACTOR * (x + GELU_CUBE * x ** 3));
      const inner = GELU_FACTOR * (1 + 3 * GELU_CUBE * x * x);
      return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner;
    }
  }
}
