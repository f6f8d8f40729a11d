/** Numbers of a few bits and of no fixed length, one after another from the least significant bit of each byte. */
import { CodecError } from '../errors.ts';

export class BitWriter {
  readonly #bytes: number[] = [];
  #pending = 0;
  #pendingBits = 0;

  /** @param bits 0 to 16 */
  write(value: number, bits: number): void {
    this.#pending |= value << this.#pendingBits;
    this.#pendingBits += bits;
    while (this.#pendingBits >= 8) {
      this.#bytes.push(this.#pending & 255);
      this.#pending >>>= 8;
      this.#pendingBits -= 8;
    }
  }

  /** Exponential Golomb code of this order (Teuhola 1978): 2 floor(log2(value / 2^order + 1)) + 1 + order bits. */
  writeGolomb(value: number, order: number): void {
    const shifted = value + 2 ** order;
    const width = 31 - Math.clz32(shifted);
    this.write(0, width - order);
    this.write(1, 1);
    this.write(shifted - 2 ** width, width);
  }

  /** What was written; the last byte is filled with zeros. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#pendingBits > 0) this.#bytes.push(this.#pending);
    return Uint8Array.from(this.#bytes);
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #pending = 0;
  #pendingBits = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The first byte that nothing was read from. */
  get at(): number {
    return this.#at;
  }

  /**
   * @param bits 0 to 16
   * @throws CodecError `codec-malformed` behind the last byte
   */
  read(bits: number): number {
    while (this.#pendingBits < bits) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new CodecError('codec-malformed', 'bits end too early');
      this.#pending |= byte << this.#pendingBits;
      this.#pendingBits += 8;
      this.#at += 1;
    }
    const value = this.#pending & (2 ** bits - 1);
    this.#pending >>>= bits;
    this.#pendingBits -= bits;
    return value;
  }

  /** @throws CodecError `codec-malformed` behind the last byte, and on a number of more than 16 bits */
  readGolomb(order: number): number {
    let width = order;
    while (this.read(1) === 0) {
      width += 1;
      if (width > 16) throw new CodecError('codec-malformed', 'a number that is too long');
    }
    return this.read(width) + 2 ** width - 2 ** order;
  }
}
