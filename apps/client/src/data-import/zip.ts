/**
 * Unpacks a zip archive entry by entry, and trusts nothing that it says about itself: how much there really is decides.
 * Each entry is read where it stands in the file, so entries that overlap, as in D. Fifield's bombs (WOOT 2019),
 * cannot be read twice; an archive inside an archive is not opened.
 */
import { Unzip, type UnzipFile, UnzipInflate } from 'fflate';
import { ImportRefused, type RejectionReason } from './imported.ts';
import { joinedBytes } from './read-bytes.ts';

export interface ZipLimits {
  readonly entries: number;
  /** Of all entries together, unpacked. */
  readonly bytes: number;
  /** Unpacked bytes per packed byte, counted once there are more than `freeBytes`: blank pictures shrink a lot too. */
  readonly ratio: number;
  readonly freeBytes: number;
}

export const ZIP_LIMITS: ZipLimits = {
  entries: 200_000,
  bytes: 512 * 1024 * 1024,
  ratio: 200,
  freeBytes: 8 * 1024 * 1024,
};

const READ_BYTES = 512 * 1024;
/** Deflate makes at most 1,032 bytes of one, so that no piece can become more than 4.3 MB before it is counted. */
const PIECE_BYTES = 4 * 1024;
const END_SIGNATURE = [0x50, 0x4b, 5, 6];
/** The end record has 22 bytes and a comment of at most 65,535. */
const END_BYTES = 22 + 65_535;

export interface ZipEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** @throws ImportRefused `archive-*`, whenever it turns out */
export async function* zipEntries(
  archive: Blob,
  options: { limits?: ZipLimits; onRead?: (bytes: number) => void } = {},
): AsyncGenerator<ZipEntry> {
  const { limits = ZIP_LIMITS, onRead = () => {} } = options;
  await requireEnd(archive);
  const counter = inflatedCounter(limits);
  const finished: ZipEntry[] = [];
  let begun = 0;
  let open = 0;
  const unzip = new Unzip((file) => {
    begun += 1;
    if (begun > limits.entries) {
      throw new ImportRefused({ kind: 'archive-too-many-entries', limit: limits.entries });
    }
    if (isClutter(file.name)) return;
    open += 1;
    collect(file, counter, (bytes) => {
      open -= 1;
      finished.push({ path: file.name, bytes });
    });
  });
  unzip.register(UnzipInflate);

  for (let offset = 0; offset < archive.size; offset += READ_BYTES) {
    const read = await bytesAt(archive, offset);
    for (let at = 0; at < read.length; at += PIECE_BYTES) {
      const piece = read.subarray(at, at + PIECE_BYTES);
      counter.packed += piece.length;
      push(unzip, piece, offset + at + PIECE_BYTES >= archive.size);
      if (counter.refusal) throw new ImportRefused(counter.refusal);
      yield* finished.splice(0);
    }
    onRead(read.length);
  }
  if (open > 0) throw new ImportRefused({ kind: 'archive-damaged' });
}

interface InflatedCounter {
  packed: number;
  /** Why the archive is refused. Kept, not thrown: the inflater would take it for a fault of its own. */
  refusal: RejectionReason | null;
  add(length: number): void;
}

function inflatedCounter({ bytes, ratio, freeBytes }: ZipLimits): InflatedCounter {
  let inflated = 0;
  return {
    packed: 0,
    refusal: null,
    add(length) {
      inflated += length;
      if (inflated > bytes) this.refusal ??= { kind: 'archive-too-large', limitBytes: bytes };
      else if (inflated > freeBytes && inflated > ratio * this.packed) {
        this.refusal ??= { kind: 'archive-inflates-too-much', limit: ratio };
      }
    },
  };
}

function collect(file: UnzipFile, counter: InflatedCounter, done: (bytes: Uint8Array) => void): void {
  const pieces: Uint8Array[] = [];
  file.ondata = (error, piece, isLast) => {
    if (error) throw new ImportRefused({ kind: 'archive-damaged' });
    counter.add(piece.length);
    if (counter.refusal) return;
    pieces.push(piece);
    if (isLast) done(joinedBytes(pieces));
  };
  file.start();
}

function push(unzip: Unzip, piece: Uint8Array, isLast: boolean): void {
  try {
    unzip.push(piece, isLast);
  } catch (error) {
    if (error instanceof ImportRefused) throw error;
    throw new ImportRefused({ kind: 'archive-damaged' });
  }
}

async function bytesAt(archive: Blob, offset: number): Promise<Uint8Array> {
  const content = archive.slice(offset, offset + READ_BYTES).arrayBuffer();
  return new Uint8Array(
    await content.catch(() => {
      throw new ImportRefused({ kind: 'file-unreadable' });
    }),
  );
}

/** Without its end the archive was cut off, perhaps between two entries. */
async function requireEnd(archive: Blob): Promise<void> {
  const tail = new Uint8Array(await archive.slice(-END_BYTES).arrayBuffer());
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (END_SIGNATURE.every((byte, i) => tail[at + i] === byte)) return;
  }
  throw new ImportRefused({ kind: 'archive-damaged' });
}

/** What file managers leave behind: nobody chose it, so nobody need hear of it. */
export function isClutter(path: string): boolean {
  const name = path.split('/').at(-1) ?? '';
  return (
    name === '' ||
    name.startsWith('.') ||
    path.startsWith('__MACOSX/') ||
    /^(thumbs\.db|desktop\.ini)$/i.test(name)
  );
}
