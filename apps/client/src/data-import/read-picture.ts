import type { ImageDataSchema } from '@tributary/fl-core';
import { ImportRefused } from './imported.ts';
import { pixelsFromRgba } from './picture.ts';
import { pictureSize } from './picture-size.ts';

/** As 8000 x 8000: more than cameras make, and 256 MB once decoded. */
const MAXIMUM_PIXELS = 64_000_000;

/** Decodes a PNG, JPEG or WebP and fits it, proportions kept, into the run's image size. @throws ImportRefused */
export async function readPicture(
  bytes: Uint8Array,
  schema: ImageDataSchema,
  options: { inverted: boolean },
): Promise<Uint8Array> {
  const size = pictureSize(bytes);
  if (size && size.width * size.height > MAXIMUM_PIXELS) {
    throw new ImportRefused({ kind: 'picture-too-large', ...size });
  }
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>])).catch(() => {
    throw new ImportRefused({ kind: 'file-unreadable' });
  });
  const { width, height } = schema;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  // What the picture does not cover becomes paper: white where ink is dark, black otherwise.
  context.fillStyle = options.inverted ? '#fff' : '#000';
  context.fillRect(0, 0, width, height);
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    bitmap,
    (width - bitmap.width * scale) / 2,
    (height - bitmap.height * scale) / 2,
    bitmap.width * scale,
    bitmap.height * scale,
  );
  bitmap.close();
  return pixelsFromRgba(context.getImageData(0, 0, width, height).data, schema, options);
}
