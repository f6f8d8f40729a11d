import type { DataSchema, ImageDataSchema } from '@tributary/fl-core';

/** Pictures of anything but digits cannot be made up. */
export function canBeGenerated(data: DataSchema): boolean {
  return data.kind !== 'image' || isDigits(data);
}

function isDigits({ height, width, channels, labels }: ImageDataSchema): boolean {
  const inMnistForm = height === 28 && width === 28 && channels === 1;
  return inMnistForm && labels.length === 10 && labels.every((label, digit) => label === String(digit));
}
