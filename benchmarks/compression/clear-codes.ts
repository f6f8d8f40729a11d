/** The clear codes that are measured, with what is known of them. */
import type { ClearPlanLike } from '@tributary/compression';

export interface MeasuredClearCode {
  readonly name: string;
  readonly plan: ClearPlanLike;
  /** vNMSE that the theory gives for normal coordinates, as the rotated ones are. */
  readonly published: number | null;
}

const feedback = { mode: 'off' } as const;
function code(name: string, plan: ClearPlanLike): MeasuredClearCode {
  return { name, plan, published: null };
}

function eden(bits: number, published: number | null, fraction = 1): MeasuredClearCode {
  const name = `eden, ${bits} ${bits === 1 ? 'bit' : 'bits'}${fraction < 1 ? `, of ${fraction}` : ''}`;
  return { name, plan: { codec: 'eden', bits, fraction, adaptive: false, feedback }, published };
}

export const CLEAR_CODES: readonly MeasuredClearCode[] = [
  // 1 / (1 - D) - 1, where D is the distortion of the best quantiser (Max 1960, table 1): Vargaftik et al. 2022, section 3.
  eden(1, 0.5705),
  eden(2, 0.1334),
  eden(3, 0.0358),
  eden(4, 0.0096),
  eden(1, null, 0.75),
  ...[2, 4, 8].map((bits) => code(`codebook, ${bits} bits`, { codec: 'codebook', bits, feedback })),
  code('top-k, 1 %', {
    ...{ codec: 'top-k', fraction: 0.01, valueBits: 8, momentum: 0, warmUpRounds: 0 },
    feedback,
  }),
  code('truncated, 7 bits of mantissa', { codec: 'truncated', mantissaBits: 7, feedback }),
  code('power-sgd, rank 2', { codec: 'power-sgd', rank: 2, feedback }),
];
