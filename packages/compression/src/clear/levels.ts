/** Where the levels of a codebook are best, as a histogram of the values sees it. */

/** Rounding to one of the two neighbours by chance, or to the nearest level. */
export type LevelRounding = 'stochastic' | 'nearest';

/** Floats fall into one cell when their first 16 bits agree: so a cell is less than a hundredth of its values wide. */
const CELLS = 2 ** 16;
/** Up to so many values, sorting them is quicker than going through all cells. */
const FEW = 4096;
/** Beyond them nothing changes that could be measured, for 2 levels to 256. */
const MOVES = 8;

interface Histogram {
  /** Ascending: the values, if they are few; or the least, the mean of each cell that holds any, and the greatest. */
  readonly places: Float64Array;
  /** Element i: how many values are counted at places before i; and what is their sum. */
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/**
 * @param values at least one, all finite
 * @returns ascending, at most `count` of them; for stochastic rounding, the first is the least value and the last the greatest
 */
export function bestLevels(values: Float32Array, count: number, rounding: LevelRounding): Float32Array {
  const histogram = values.length > FEW ? histogramOfCells(values) : histogramOfEach(values);
  const levels =
    rounding === 'stochastic' ? levelsForChance(histogram, count) : levelsForNearest(histogram, count);
  return levels.filter((level, i) => i === 0 || level > levels[i - 1]!);
}

/**
 * How many of the boundaries are not above a value, for all of them.
 * @param boundaries ascending, at most 255
 */
export function searchAll(values: Float32Array, boundaries: Float32Array): Uint8Array<ArrayBuffer> {
  return values.length > FEW ? searchFromCells(values, boundaries) : searchEach(values, boundaries);
}

export function searchEach(values: Float32Array, boundaries: Float32Array): Uint8Array<ArrayBuffer> {
  const counts = new Uint8Array(values.length);
  values.forEach((value, i) => {
    counts[i] = firstOf(0, boundaries.length, (boundary) => boundaries[boundary]! > value);
  });
  return counts;
}

/** Begins at what is known of a value's cell, within which few boundaries are left to compare. */
export function searchFromCells(values: Float32Array, boundaries: Float32Array): Uint8Array<ArrayBuffer> {
  const before = new Uint8Array(CELLS);
  const cells = Array.from(bitsOf(boundaries), cellOf);
  let found = 0;
  for (let cell = 0; cell < CELLS; cell += 1) {
    while (found < cells.length && cells[found]! < cell) found += 1;
    before[cell] = found;
  }
  const floats = bitsOf(values);
  const counts = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    let count = before[cellOf(floats[i]!)]!;
    while (count < boundaries.length && boundaries[count]! <= value) count += 1;
    counts[i] = count;
  }
  return counts;
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);

/** Of a float's bits. Cells are in the order of their values: negative floats grow downwards (IEEE 754, section 3.4). */
function cellOf(bits: number): number {
  return (bits ^ ((bits >> 31) | 0x8000_0000)) >>> 16;
}

function histogramOfCells(values: Float32Array): Histogram {
  const floats = bitsOf(values);
  const countOf = new Uint32Array(CELLS);
  const sumOf = new Float64Array(CELLS);
  let least = values[0]!;
  let greatest = least;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    const cell = cellOf(floats[i]!);
    countOf[cell]! += 1;
    sumOf[cell]! += value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const occupied: number[] = [];
  for (let cell = 0; cell < CELLS; cell += 1) if (countOf[cell]! > 0) occupied.push(cell);
  const places = Float64Array.of(least, ...occupied.map((cell) => sumOf[cell]! / countOf[cell]!), greatest);
  const counts = new Float64Array(places.length + 1);
  const sums = new Float64Array(places.length + 1);
  for (let i = 1; i <= places.length; i += 1) {
    // Least and greatest are places, too, but are counted in their cells.
    const cell = occupied[i - 2];
    counts[i] = counts[i - 1]! + (cell === undefined ? 0 : countOf[cell]!);
    sums[i] = sums[i - 1]! + (cell === undefined ? 0 : sumOf[cell]!);
  }
  return { places, counts, sums };
}

function histogramOfEach(values: Float32Array): Histogram {
  const places = Float64Array.from(values).sort();
  const counts = Float64Array.from({ length: places.length + 1 }, (_, i) => i);
  const sums = new Float64Array(places.length + 1);
  for (let i = 0; i < places.length; i += 1) sums[i + 1] = sums[i]! + places[i]!;
  return { places, counts, sums };
}

/** Levels are places, of which the first and the last stay. */
function levelsForChance(histogram: Histogram, count: number): Float32Array {
  const { places } = histogram;
  const quantile = openQuantiles(histogram);
  const levels = Array.from({ length: count }, (_, i) => quantile(i / (count - 1)));
  levels[0] = 0;
  levels[count - 1] = places.length - 1;
  for (let move = 0; move < MOVES; move += 1) {
    for (let i = 1; i < count - 1; i += 1) levels[i] = between(levels[i - 1]!, levels[i + 1]!, histogram);
  }
  return Float32Array.from(levels, (place) => places[place]!);
}

/**
 * The error of a value x between levels l and r is (x - l)(r - x). Of a level between two others, the sum of it is least where
 * what lies below, measured from the lower neighbour, weighs as much as what lies above, from the upper one.
 */
function between(lower: number, upper: number, { places, counts, sums }: Histogram): number {
  return firstOf(lower, upper, (place) => {
    const below = sums[place + 1]! - sums[lower]! - (counts[place + 1]! - counts[lower]!) * places[lower]!;
    const above =
      (counts[upper + 1]! - counts[place + 1]!) * places[upper]! - (sums[upper + 1]! - sums[place + 1]!);
    return below >= above;
  });
}

/** Each level is the mean of the values that are nearest to it. */
function levelsForNearest(histogram: Histogram, count: number): Float32Array {
  const { places, counts, sums } = histogram;
  const quantile = openQuantiles(histogram);
  let levels = Array.from({ length: count }, (_, i) => places[quantile((i + 0.5) / count)]!);
  for (let move = 0; move < MOVES; move += 1) {
    const cuts = levels.map((level, i) =>
      i === 0 ? 0 : firstOf(0, places.length, (place) => places[place]! > (levels[i - 1]! + level) / 2),
    );
    cuts.push(places.length);
    levels = levels.map((level, i) => {
      const held = counts[cuts[i + 1]!]! - counts[cuts[i]!]!;
      return held > 0 ? (sums[cuts[i + 1]!]! - sums[cuts[i]!]!) / held : level;
    });
  }
  return Float32Array.from(levels);
}

/** The place before which this share of the cube root of the density lies. */
function openQuantiles({ places, counts }: Histogram): (share: number) => number {
  const range = places.at(-1)! - places[0]! || 1;
  const roots = new Float64Array(places.length + 1);
  places.forEach((_, i) => {
    const width = (places[Math.min(i + 1, places.length - 1)]! - places[Math.max(i - 1, 0)]!) / (2 * range);
    // (count / width)^(1/3) x width
    roots[i + 1] = roots[i]! + cubeRoot((counts[i + 1]! - counts[i]!) * width * width);
  });
  return (share) =>
    firstOf(0, places.length - 1, (place) => roots[place + 1]! > share * roots[places.length]!);
}

/** Newton's, because engines need not agree about `Math.cbrt`, but codes must. */
function cubeRoot(value: number): number {
  const float = Float32Array.of(value);
  const bits = new Uint32Array(float.buffer);
  // A third of the exponent is a good guess (Kahan 1991).
  bits[0] = Math.floor(bits[0]! / 3) + 709_921_077;
  let root = float[0]!;
  for (let i = 0; i < 4; i += 1) root = (2 * root + value / (root * root)) / 3;
  return root;
}

/** The first of from, from + 1, ... at which this holds; `to` when it holds at none before. */
function firstOf(from: number, to: number, holds: (at: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
