/** Fourth stage: the input hidden by the mask. */
import { addVector, fieldElement } from '../field.ts';
import { packVector } from '../field-bytes.ts';
import type { Opened } from './open-shares.ts';

/** Without the mask, so that no second input can be hidden by it. */
export type Masked = Omit<Opened, 'mask'>;

/**
 * @param values integers within the task's bound
 * @returns the state, and what is sent: the masked elements, 26 bits each
 * @throws RangeError for another length, or a value beyond the bound: it could make the sum wrap
 */
export function maskValues(
  { session, index, minimumSurvivors, mask, shares }: Opened,
  values: Int32Array,
): { readonly state: Masked; readonly bytes: Uint8Array } {
  const { length, bound } = session.task;
  if (values.length !== length) throw new RangeError(`${values.length} values are not ${length}`);
  if (values.some((value) => Math.abs(value) > bound)) throw new RangeError(`a value is beyond ${bound}`);
  const masked = values.map(fieldElement);
  addVector(masked, mask);
  return { state: { session, index, minimumSurvivors, shares }, bytes: packVector(masked) };
}
