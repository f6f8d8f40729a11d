/**
 * A module says with its import whether its memory is shared; nothing else in its code depends on that. So the same
 * bytes serve both, with another limit (WebAssembly core specification with threads, sections 5.3.9 and 5.5.5).
 */

const MEMORY_IMPORT = encode('\x03env\x06memory\x02');
const NO_MAXIMUM = 0x00;
const SHARED = 0x03;
/** Shared memories declare a maximum: as much as there can be. */
const MAXIMUM_PAGES = 65_536;
const MAGIC_AND_VERSION = 8;
const IMPORT_SECTION = 2;

/** Of a module that imports `env.memory` without a maximum, as the compiler writes it. */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = MAGIC_AND_VERSION;
  while (module[at] !== IMPORT_SECTION) {
    const { value, next } = readLeb(module, at + 1);
    at = next + value;
    if (at >= module.length) throw new Error('the module imports nothing');
  }
  const size = readLeb(module, at + 1);
  const section = module.subarray(size.next, size.next + size.value);
  const found = indexOf(section, MEMORY_IMPORT);
  const limits = found + MEMORY_IMPORT.length;
  if (found < 0 || section[limits] !== NO_MAXIMUM) {
    throw new Error('the module does not import env.memory without a maximum');
  }
  const minimum = readLeb(section, limits + 1);
  const changed = [
    ...section.subarray(0, limits),
    SHARED,
    ...leb(minimum.value),
    ...leb(MAXIMUM_PAGES),
    ...section.subarray(minimum.next),
  ];
  return Uint8Array.from([
    ...module.subarray(0, at + 1),
    ...leb(changed.length),
    ...changed,
    ...module.subarray(size.next + size.value),
  ]);
}

function readLeb(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let next = from;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[next];
    next += 1;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next };
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  return bytes.findIndex((_, at) => wanted.every((byte, index) => bytes[at + index] === byte));
}
