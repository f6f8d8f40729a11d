import { BATCH_BYTES } from './memory.ts';

/** What shaders read as `batch`: see dispatch.ts. */
export interface BatchFields {
  readonly accumulates: boolean;
  readonly gradientScale: number;
  /** Adam's `1 - beta ** step`, of both moments. */
  readonly corrections: readonly [number, number];
  readonly earlierMicrobatches: number;
  readonly microbatchWeight: number;
}

/** The bytes of a pass over these examples. */
export function encodeBatch(fields: BatchFields, indices: Int32Array): ArrayBuffer {
  const bytes = new ArrayBuffer(BATCH_BYTES + 4 * indices.length);
  const integers = new Uint32Array(bytes);
  const floats = new Float32Array(bytes);
  integers[0] = indices.length;
  integers[1] = fields.accumulates ? 1 : 0;
  floats[2] = fields.gradientScale;
  floats[3] = fields.corrections[0];
  floats[4] = fields.corrections[1];
  integers[5] = fields.earlierMicrobatches;
  floats[6] = fields.microbatchWeight;
  integers.set(indices, BATCH_BYTES / 4);
  return bytes;
}
