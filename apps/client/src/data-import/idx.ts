/**
 * IDX, the format of MNIST (Y. LeCun): two zero bytes, a type byte, the rank, each dimension as a big-endian
 * uint32, then the values. Images are unsigned bytes of rank 3, labels unsigned bytes of rank 1.
 */
import type { ImageDataSchema } from '@tributary/fl-core';
import type { ExampleBuilder } from './example-builder.ts';
import { ImportRefused, type RejectionReason } from './imported.ts';

export const IDX_LABELS_MAGIC = 0x0000_0801;
export const IDX_IMAGES_MAGIC = 0x0000_0803;

interface IdxImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** `count x height x width` bytes, a view of the file. */
  readonly pixels: Uint8Array;
}

/** The magic number of a file, or null when the file is too short to have one. */
export function idxMagic(file: Uint8Array): number | null {
  return file.length < 4 ? null : viewOf(file).getUint32(0);
}

/** @throws ImportRefused `idx-magic`, `idx-length` */
export function readIdxImages(file: Uint8Array): IdxImages {
  const [count, height, width] = readDimensions(file, { magic: IDX_IMAGES_MAGIC, rank: 3 });
  return { count: count!, height: height!, width: width!, pixels: file.subarray(16) };
}

/** @throws ImportRefused `idx-magic`, `idx-length` */
export function readIdxLabels(file: Uint8Array): Uint8Array {
  readDimensions(file, { magic: IDX_LABELS_MAGIC, rank: 1 });
  return file.subarray(8);
}

/**
 * Joins images with their labels. The label byte n means the schema's n-th label, counted from 0.
 * @throws ImportRefused when the two do not belong together, or the images are not of the run's size
 */
export function joinIdx(
  images: IdxImages,
  labels: Uint8Array,
  schema: ImageDataSchema,
  { examples, reject }: IdxTarget,
): void {
  if (images.count !== labels.length) {
    throw new ImportRefused({ kind: 'idx-count-mismatch', images: images.count, labels: labels.length });
  }
  if (images.height !== schema.height || images.width !== schema.width || schema.channels !== 1) {
    throw new ImportRefused({
      kind: 'idx-image-size',
      expected: `${schema.width} x ${schema.height} x ${schema.channels}`,
      found: `${images.width} x ${images.height} x 1`,
    });
  }
  const size = images.height * images.width;
  for (let i = 0; i < images.count; i += 1) {
    const label = labels[i]!;
    if (label >= schema.labels.length) {
      reject(i + 1, { kind: 'label-unknown', label: String(label) });
      continue;
    }
    examples.blankRow().set(images.pixels.subarray(i * size, (i + 1) * size));
    examples.keep([label]);
  }
}

interface IdxTarget {
  readonly examples: ExampleBuilder;
  readonly reject: (place: number, reason: RejectionReason) => void;
}

function readDimensions(file: Uint8Array, expected: { magic: number; rank: number }): number[] {
  const magic = idxMagic(file);
  const headerBytes = 4 + 4 * expected.rank;
  if (magic === null || (magic === expected.magic && file.length < headerBytes)) {
    throw new ImportRefused({ kind: 'idx-length', expectedBytes: headerBytes, foundBytes: file.length });
  }
  if (magic !== expected.magic) throw new ImportRefused({ kind: 'idx-magic', found: magic });
  const view = viewOf(file);
  const dimensions = Array.from({ length: expected.rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expectedBytes = headerBytes + dimensions.reduce((size, dimension) => size * dimension, 1);
  if (file.length !== expectedBytes) {
    throw new ImportRefused({ kind: 'idx-length', expectedBytes, foundBytes: file.length });
  }
  return dimensions;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
