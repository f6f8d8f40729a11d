/** The clear codes that are measured, with what is known of them. */
import type { ClearPlanLike } from '@tributary/compression';

export interface MeasuredClearCode {
  readonly name: string;
  readonly plan: ClearPlanLike;
  /** vNMSE that was published, or that the theory gives for normal coordinates. */
  readonly published?: number;
}

const feedback = { mode: 'off' } as const;
const eden = (bits: number, published: number): MeasuredClearCode => ({
  name: `eden, ${bits} bits`,
  plan: { codec: 'eden', bits, fraction: 1, adaptive: false, feedback },
  published,
});

export const CLEAR_CODES: readonly MeasuredClearCode[] = [
  // 1 / (1 - D) - 1, where D is the distortion of the best quantiser (Max 1960, table 1): Vargaftik et al. 2022, section 3.
  eden(1, 0.5705),
  eden(2, 0.1334),
  eden(3, 0.0358),
  eden(4, 0.0096),
  {
    name: 'eden, 1 bit, 0.75 of the coordinates',
    plan: { codec: 'eden', bits: 1, fraction: 0.75, adaptive: false, feedback },
  },
];
