/**
 * Brings a drawing into the form of MNIST (LeCun, Cortes, Burges): scaled with its proportions kept into a box of
 * 20/28 of the image, then placed so that its centre of mass is the centre of the image.
 */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Row-major, 0 = paper, 1 = ink. */
  readonly values: Float32Array;
}

const BOX_FRACTION = 20 / 28;
/** Fainter than this is smudge, not ink. */
const INK_THRESHOLD = 0.05;

/** Null when there is no ink. */
export function centredDigit(drawing: GreyImage, size: { width: number; height: number }): GreyImage | null {
  const box = inkBox(drawing);
  if (!box) return null;
  const scale = BOX_FRACTION * Math.min(size.width / box.width, size.height / box.height);
  const scaled = resampled(drawing, box, {
    width: Math.max(1, Math.round(box.width * scale)),
    height: Math.max(1, Math.round(box.height * scale)),
  });
  return placedByMass(scaled, size);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function inkBox({ width, height, values }: GreyImage): Box | null {
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (values[y * width + x]! < INK_THRESHOLD) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Area average: each target pixel is the mean of the part of `box` that it covers, borders counted by share. */
function resampled(image: GreyImage, box: Box, target: { width: number; height: number }): GreyImage {
  const columns = coverage(box.left, box.width, target.width);
  const rows = coverage(box.top, box.height, target.height);
  const values = new Float32Array(target.width * target.height);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      let sum = 0;
      for (const [sourceY, shareY] of row) {
        for (const [sourceX, shareX] of column) {
          sum += image.values[sourceY * image.width + sourceX]! * shareX * shareY;
        }
      }
      values[y * target.width + x] = sum;
    });
  });
  return { ...target, values };
}

/** For each of `cells` equal parts of [start, start + length): the source pixels it covers, with shares that sum to 1. */
function coverage(start: number, length: number, cells: number): [pixel: number, share: number][][] {
  const step = length / cells;
  return Array.from({ length: cells }, (_, cell) => {
    const from = cell * step;
    const to = (cell + 1) * step;
    const parts: [number, number][] = [];
    for (let pixel = Math.floor(from); pixel < Math.min(length, Math.ceil(to - 1e-9)); pixel += 1) {
      parts.push([start + pixel, (Math.min(to, pixel + 1) - Math.max(from, pixel)) / step]);
    }
    return parts;
  });
}

function placedByMass(image: GreyImage, size: { width: number; height: number }): GreyImage {
  const mass = centreOfMass(image);
  const shiftX = Math.round(size.width / 2 - mass.x);
  const shiftY = Math.round(size.height / 2 - mass.y);
  const values = new Float32Array(size.width * size.height);
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      const targetX = x + shiftX;
      const targetY = y + shiftY;
      if (targetX < 0 || targetY < 0 || targetX >= size.width || targetY >= size.height) continue;
      values[targetY * size.width + targetX] = image.values[y * image.width + x]!;
    }
  }
  return { ...size, values };
}

/** In pixels from the upper left corner; the middle of the first pixel is (0.5, 0.5). */
export function centreOfMass({ width, height, values }: GreyImage): { x: number; y: number } {
  let total = 0;
  let momentX = 0;
  let momentY = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = values[y * width + x]!;
      total += value;
      momentX += value * (x + 0.5);
      momentY += value * (y + 0.5);
    }
  }
  return { x: momentX / total, y: momentY / total };
}
