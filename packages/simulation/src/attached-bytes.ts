/** Of a message, what goes over the wire beside its JSON: keys, shares, signatures, and who is in the sum. */
export function attachedBytes(message: object): number {
  return Object.values(message).reduce<number>(
    (bytes, field) => bytes + (field instanceof Uint8Array ? field.length : 0),
    0,
  );
}
