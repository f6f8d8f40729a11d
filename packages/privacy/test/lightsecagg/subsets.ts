/** Every choice of `size` out of 0..n-1, ascending. */
export function subsets(n: number, size: number): number[][] {
  if (size === 0) return [[]];
  if (size > n) return [];
  const without = subsets(n - 1, size);
  const withLast = subsets(n - 1, size - 1).map((subset) => [...subset, n - 1]);
  return [...without, ...withLast];
}

/** One such choice, uniform but for the bias of 32-bit draws. */
export function chooseFrom(n: number, size: number, randomBytes: (length: number) => Uint8Array): number[] {
  const left = Array.from({ length: n }, (_, index) => index);
  const chosen = Array.from({ length: size }, () => left.splice(below(left.length, randomBytes), 1)[0]!);
  return chosen.sort((a, b) => a - b);
}

export function below(limit: number, randomBytes: (length: number) => Uint8Array): number {
  const bytes = randomBytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) % limit;
}
