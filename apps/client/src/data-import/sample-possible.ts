import type { DataSchema, ImageDataSchema } from '@tributary/fl-core';
import { PICTURE_SIDE, SHAPE_LABELS } from '@tributary/simulation';

/** Pictures of anything but digits and shapes cannot be made up. */
export function canBeGenerated(data: DataSchema): boolean {
  return data.kind !== 'image' || isDigits(data) || isShapes(data);
}

function isDigits({ height, width, channels, labels }: ImageDataSchema): boolean {
  const inMnistForm = height === 28 && width === 28 && channels === 1;
  return inMnistForm && labels.length === 10 && labels.every((label, digit) => label === String(digit));
}

function isShapes({ height, width, channels, labels }: ImageDataSchema): boolean {
  return (
    height === PICTURE_SIDE &&
    width === PICTURE_SIDE &&
    channels === 3 &&
    labels.join() === SHAPE_LABELS.join()
  );
}
