/** TODO: remove when additive/linear-map.ts is here: random-k and a Hadamard rotation in blocks, slow and plain. */
export interface OwnMap {
  readonly from: number;
  readonly kept: number;
  readonly to: number;
  readonly blockLength: number;
  readonly correction: number;
  sample(x: Float32Array): Float32Array;
  rotate(kept: Float32Array): Float32Array;
  unrotate(y: Float32Array): Float32Array;
  spread(kept: Float32Array): Float32Array<ArrayBuffer>;
}

export function openOwnMap(from: number, fraction: number, seed: Uint8Array): OwnMap {
  const kept = from === 0 ? 0 : Math.max(1, Math.round(fraction * from));
  const blockLength = blockLengthOf(kept);
  const blocks = Math.ceil(kept / blockLength);
  const to = blocks * blockLength;
  let state = 0x9e3779b9;
  for (const byte of seed) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  const word = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const chosen = new Uint32Array(kept);
  for (let i = 0, at = 0; at < kept; i += 1) {
    if ((word() / 2 ** 32) * (from - i) < kept - at) {
      chosen[at] = i;
      at += 1;
    }
  }
  const signs = Float32Array.from({ length: to }, () => (word() & 1 ? 1 : -1));
  return {
    from,
    kept,
    to,
    blockLength,
    correction: kept === 0 ? 1 : from / kept,
    sample: (x) => Float32Array.from(chosen, (i) => x[i]!),
    rotate: (x) => {
      const y = new Float32Array(to);
      for (let i = 0; i < kept; i += 1) y[(i % blocks) * blockLength + Math.floor(i / blocks)] = x[i]!;
      for (let i = 0; i < to; i += 1) y[i] = y[i]! * signs[i]!;
      for (let b = 0; b < blocks; b += 1) hadamard(y.subarray(b * blockLength, (b + 1) * blockLength));
      return y;
    },
    unrotate: (rotated) => {
      const y = rotated.slice();
      for (let b = 0; b < blocks; b += 1) hadamard(y.subarray(b * blockLength, (b + 1) * blockLength));
      for (let i = 0; i < to; i += 1) y[i] = y[i]! * signs[i]!;
      return Float32Array.from(
        { length: kept },
        (_, i) => y[(i % blocks) * blockLength + Math.floor(i / blocks)]!,
      );
    },
    spread: (x) => {
      const y = new Float32Array(from);
      chosen.forEach((to_, i) => {
        y[to_] = x[i]!;
      });
      return y;
    },
  };
}

function blockLengthOf(length: number): number {
  const padding = (n: number) => Math.ceil(length / n) * n - length;
  let best = 4096;
  for (let n = 4096; n >= 256; n /= 2) {
    if (padding(n) <= 0.005 * length) return n;
    if (padding(n) < padding(best)) best = n;
  }
  return best;
}

function hadamard(y: Float32Array): void {
  for (let h = 1; h < y.length; h *= 2) {
    for (let i = 0; i < y.length; i += 2 * h) {
      for (let j = i; j < i + h; j += 1) {
        const a = y[j]!;
        const b = y[j + h]!;
        y[j] = a + b;
        y[j + h] = a - b;
      }
    }
  }
  const scale = 1 / Math.sqrt(y.length);
  for (let i = 0; i < y.length; i += 1) y[i] = y[i]! * scale;
}
