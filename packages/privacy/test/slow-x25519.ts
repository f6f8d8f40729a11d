/** X25519 as RFC 7748, section 5, writes it, with numbers of any size. */

const P = 2n ** 255n - 19n;
const A24 = 121_665n;
const mod = (value: bigint): bigint => ((value % P) + P) % P;

export function slowX25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const k = (fromLittleEndian(privateKey) & (2n ** 255n - 8n)) | (2n ** 254n);
  const u = fromLittleEndian(publicKey) & (2n ** 255n - 1n);
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  let swapped = false;
  for (let t = 254n; t >= 0n; t -= 1n) {
    const bit = ((k >> t) & 1n) === 1n;
    if (bit !== swapped) [x2, x3, z2, z3] = [x3, x2, z3, z2];
    swapped = bit;
    const [a, b, c, d] = [mod(x2 + z2), mod(x2 - z2), mod(x3 + z3), mod(x3 - z3)];
    const [aa, bb, da, cb] = [mod(a * a), mod(b * b), mod(d * a), mod(c * b)];
    const e = mod(aa - bb);
    [x3, z3] = [mod((da + cb) ** 2n), mod(u * mod((da - cb) ** 2n))];
    [x2, z2] = [mod(aa * bb), mod(e * mod(aa + A24 * e))];
  }
  if (swapped) [x2, z2] = [x3, z3];
  return littleEndian(mod(x2 * power(z2, P - 2n)));
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const fromLittleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);

const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
