/** The compiled kernels of assembly/. */
import { kernelsOf } from '../web-assembly.ts';
import { LINEAR_KERNELS_BASE64 } from './kernels.generated.ts';

/** Addresses count bytes; see assembly/ for what each does. */
export interface LinearKernels {
  scaleWithSigns(values: number, count: number, signs: number, scale: number): void;
  transform(values: number, count: number, columns: number): void;
  philox(
    words: number,
    blocks: number,
    block: number,
    second: number,
    third: number,
    fourth: number,
    key0: number,
    key1: number,
  ): void;
  addChances(sums: number, words: number, count: number): void;
  select(words: number, count: number, left: number, needed: number, first: number, kept: number): number;
}

export const openLinearKernels = kernelsOf<LinearKernels>(LINEAR_KERNELS_BASE64);
