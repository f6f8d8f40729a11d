import type { ImageDataSchema } from '@tributary/fl-core';
import { ImportRefused } from './imported.ts';
import { pixelsFromRgba } from './picture.ts';

/** Decodes a PNG, JPEG or WebP and fits it, proportions kept, into the run's image size. @throws ImportRefused */
export async function readPicture(
  file: Blob,
  schema: ImageDataSchema,
  options: { inverted: boolean },
): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(file).catch(() => {
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
