/** The protocol of a case, the same in the process of the members and in that of the coordinator. */
import { createLaneSum } from '@tributary/compression';
import {
  type LightMessage,
  lightSecAggProtocol,
  type RingSum,
  type Sa1Message,
  type SecureSumProtocol,
  sa1Protocol,
} from '@tributary/privacy/protocols';
import type { SumCase } from './cases.ts';

/** Count, weight, and three figures of the model's quality. */
export const TAIL_LENGTH = 5;
export type SumMessage = Sa1Message | LightMessage;

const POLICY = { minimumCohort: 3, minimumSurvivors: 3 };

export function secureSumOf(
  { protocol, n, params, bits, plan }: SumCase,
  openRing: (length: number, bits: number) => RingSum = createLaneSum,
): SecureSumProtocol<SumMessage> {
  const occasion = {
    task: new Uint8Array(32).fill(1),
    roundNumber: 1,
    modelHash: new Uint8Array(32).fill(2),
    modelLog: new Uint8Array(32).fill(3),
    minimumSurvivors: Math.min(3, n),
  };
  if (protocol === 'lightsecagg') {
    const { corruptFraction, dropoutFraction } = plan;
    return lightSecAggProtocol({
      lengths: [params, TAIL_LENGTH],
      task: {
        ...occasion,
        length: params + TAIL_LENGTH,
        bound: largestValue(24, n),
        corruptFraction,
        dropoutFraction,
      },
      policy: POLICY,
    }) as SecureSumProtocol<SumMessage>;
  }
  const vectors = [
    { bits, length: params },
    { bits: 32, length: TAIL_LENGTH },
  ];
  return sa1Protocol({
    task: { ...occasion, ...plan, vectors, maximumCohort: n },
    policy: POLICY,
    openRing,
  }) as SecureSumProtocol<SumMessage>;
}

/** So that n of them do not wrap, if the ring has a place for them at all. */
export const largestValue = (bits: number, n: number): number =>
  Math.max(1, Math.floor((2 ** (Math.min(bits, 24) - 1) - 1) / n));
