import type { Tensor } from './storage.ts';

/**
 * Neighbouring numbers of a row that one invocation takes at once: four where rows are whole groups of four (as in all
 * built-in models, but for inputs and logits), otherwise one. Shaders that treat columns alike are written once for both.
 */
export interface Lanes {
  readonly count: 1 | 4;
  /** In WGSL. */
  readonly type: 'f32' | 'vec4<f32>';
  /** The tensor as these lanes reach it: a part of a row may be no whole number of groups where the row is. */
  reaching(tensor: Tensor): Tensor;
  /** Reads numbers `index * count` onwards of the tensor bound under this name. */
  get(name: string, index: string): string;
  put(name: string, index: string, value: string): string;
  /** The sum of a register's numbers. */
  total(register: string): string;
  /** Number `index` of a register, or of the register that is one number. */
  component(register: string, index: number): string;
}

export function lanesOf(...widths: readonly number[]): Lanes {
  return widths.every((width) => width % 4 === 0) ? FOUR : ONE;
}

const ONE: Lanes = {
  count: 1,
  type: 'f32',
  reaching: (tensor) => ({ ...tensor, isGrouped: false }),
  get: (name, index) => `${name}_at(${index})`,
  put: (name, index, value) => `${name}_put(${index}, ${value});`,
  total: (register) => register,
  component: (register) => register,
};

const FOUR: Lanes = {
  count: 4,
  type: 'vec4<f32>',
  reaching: (tensor) => tensor,
  get: (name, index) => `${name}_group(${index})`,
  put: (name, index, value) => `${name}_put_group(${index}, ${value});`,
  total: (register) => `dot(${register}, vec4<f32>(1.0))`,
  component: (register, index) => `${register}[${index}]`,
};
