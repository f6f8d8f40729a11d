/** Decoded pictures -> pixels as the run wants them. Decoding itself needs a browser and lives in `read-picture.ts`. */
import type { ImageDataSchema } from '@tributary/fl-core';

/**
 * RGBA bytes of exactly the schema's size -> its channels, 0..255. One channel is the luma of ITU-R BT.601;
 * `inverted` turns dark ink on light paper into MNIST's light ink on dark ground.
 */
export function pixelsFromRgba(
  rgba: Uint8ClampedArray,
  schema: ImageDataSchema,
  { inverted }: { inverted: boolean },
): Uint8Array {
  const count = schema.width * schema.height;
  const pixels = new Uint8Array(count * schema.channels);
  for (let p = 0; p < count; p += 1) {
    const [red, green, blue] = [rgba[4 * p]!, rgba[4 * p + 1]!, rgba[4 * p + 2]!];
    const values = schema.channels === 3 ? [red, green, blue] : [0.299 * red + 0.587 * green + 0.114 * blue];
    values.forEach((value, channel) => {
      pixels[p * schema.channels + channel] = Math.round(inverted ? 255 - value : value);
    });
  }
  return pixels;
}

/**
 * The label that a picture's name tells: its folder (`cat/001.png`), or its name up to a separator (`cat-001.png`,
 * `7_3.png`, `7.png`). Null when neither is a label of the run.
 */
export function labelFromPath(path: string, labels: readonly string[]): string | null {
  const parts = path.split('/').filter(Boolean);
  const folder = parts.at(-2);
  if (folder !== undefined && labels.includes(folder)) return folder;
  const stem = (parts.at(-1) ?? '').replace(/\.[^.]*$/, '');
  if (labels.includes(stem)) return stem;
  // The longest label wins, so that "10-3.png" is a 10 and never a 1.
  const candidates = labels.filter(
    (label) => stem.startsWith(label) && /^[-_ .]/.test(stem.slice(label.length)),
  );
  return candidates.sort((a, b) => b.length - a.length)[0] ?? null;
}
