/** The compiled kernels of assembly/. */
import { kernelsOf } from '../web-assembly.ts';
import { RING_KERNELS_BASE64 } from './kernels.generated.ts';

/** Addresses count bytes; see assembly/ for what each does. */
export interface RingKernels {
  addLanes1(sum: number, lanes: number, count: number): void;
  addLanes2(sum: number, lanes: number, count: number): void;
  addLanes3(sum: number, lanes: number, count: number): void;
  addLanes4(sum: number, lanes: number, count: number): void;
  subtractLanes1(sum: number, lanes: number, count: number): void;
  subtractLanes2(sum: number, lanes: number, count: number): void;
  subtractLanes3(sum: number, lanes: number, count: number): void;
  subtractLanes4(sum: number, lanes: number, count: number): void;
  addPacked1(sum: number, packed: number, count: number, bits: number, table: number): void;
  addPacked2(sum: number, packed: number, count: number, bits: number, table: number): void;
  addPacked4(sum: number, packed: number, count: number, bits: number, table: number): void;
  addPacked5(sum: number, packed: number, count: number, bits: number): void;
  roundClipped(
    values: number,
    words: number,
    count: number,
    factor: number,
    levels: number,
    rounded: number,
  ): number;
  roundUnclipped(values: number, words: number, count: number, factor: number, rounded: number): number;
  addValues1(sum: number, values: number, count: number): void;
  addValues2(sum: number, values: number, count: number): void;
  pack1(sum: number, count: number, bits: number, width: number, packed: number): void;
  pack2(sum: number, count: number, bits: number, width: number, packed: number): void;
  pack4(sum: number, count: number, bits: number, width: number, packed: number): void;
}

export const openRingKernels = kernelsOf<RingKernels>(RING_KERNELS_BASE64);
