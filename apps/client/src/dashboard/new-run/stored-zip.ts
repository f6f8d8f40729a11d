/** A zip whose files lie in it as they are (PKWARE APPNOTE 6.3.10, section 4.3): weights hardly shrink. */
export interface FileToStore {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

const VERSION = 20;
/** Names are UTF-8: bit 11 of the flags. */
const UTF8 = 0x0800;

/** In turns: weights are many megabytes, and the page belongs to somebody. */
export async function storedZip(files: readonly FileToStore[]): Promise<Blob> {
  const local: Uint8Array<ArrayBuffer>[] = [];
  const central: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { name, content } of files) {
    const named = new TextEncoder().encode(name);
    // Version, flags, method (stored), time, date, checksum, both sizes, lengths of name and extra field.
    const facts = [
      ...[...u16(VERSION), ...u16(UTF8), ...u16(0), ...u16(0), ...u16(0x21)],
      ...[...u32(await crc32(content)), ...u32(content.length), ...u32(content.length)],
      ...[...u16(named.length), ...u16(0)],
    ];
    local.push(Uint8Array.from([...u32(0x04034b50), ...facts, ...named]), content);
    // Comment, disk and attributes are nothing; then where the file begins.
    const nothing = new Array<number>(10).fill(0);
    central.push(
      Uint8Array.from([
        ...[...u32(0x02014b50), ...u16(VERSION), ...facts, ...nothing],
        ...[...u32(offset), ...named],
      ]),
    );
    offset += 30 + named.length + content.length;
  }
  const directoryBytes = central.reduce((sum, entry) => sum + entry.length, 0);
  const end = Uint8Array.from([
    ...[...u32(0x06054b50), ...u16(0), ...u16(0), ...u16(files.length), ...u16(files.length)],
    ...[...u32(directoryBytes), ...u32(offset), ...u16(0)],
  ]);
  return new Blob([...local, ...central, end]);
}

const u16 = (value: number): number[] => [value & 255, (value >>> 8) & 255];
const u32 = (value: number): number[] => [...u16(value), ...u16(value >>> 16)];

/** What the bits of one byte add to the remainder. ISO 3309, reflected. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (0xedb8_8320 & -(remainder & 1));
  return remainder;
});
const TURN_BYTES = 4_000_000;

async function crc32(bytes: Uint8Array): Promise<number> {
  let remainder = -1;
  for (let from = 0; from < bytes.length; from += TURN_BYTES) {
    for (const byte of bytes.subarray(from, from + TURN_BYTES))
      remainder = (remainder >>> 8) ^ REMAINDERS[(remainder ^ byte) & 255]!;
    await new Promise((resolve) => setTimeout(resolve));
  }
  return ~remainder >>> 0;
}
