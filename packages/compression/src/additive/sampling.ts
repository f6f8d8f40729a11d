/**
 * Which part of an update travels: the same for everybody in a round, because sums can only be taken of what all sent. Each
 * is a linear map; `spread` is its adjoint.
 */
import { lengthOf } from '../shapes.ts';
import { countOf, layersOf, type SamplingPlanLike, type Shapes } from './linear-lengths.ts';
import { lowRank } from './low-rank.ts';
import { STREAMS } from './philox.ts';
import { select } from './selection.ts';

export interface Sampling {
  /** Elements that travel. */
  readonly kept: number;
  /** @returns a new array of `kept` elements */
  sample(values: Float32Array): Float32Array<ArrayBuffer>;
  /** The adjoint: all elements, zeros where nothing was sampled. For what comes back into the same coordinates. */
  spread(kept: Float32Array): Float32Array<ArrayBuffer>;
  /** All elements, without bias over the seeds: what was sampled is over the chance that it is. */
  estimate(kept: Float32Array): Float32Array<ArrayBuffer>;
}

/** @param seed of the round: 32 bytes, public */
export function openSampling(plan: SamplingPlanLike, shapes: Shapes, seed: Uint8Array): Sampling {
  switch (plan.kind) {
    case 'all':
      return everything(lengthOf(shapes));
    case 'random-k': {
      const all = lengthOf(shapes);
      const kept = countOf(plan.fraction, all);
      const draw = selectionOf(seed);
      return coordinates(all, draw(all, kept), () => new Float32Array(kept).fill(all / kept));
    }
    case 'neurons':
      return neurons(plan.fraction, shapes, seed);
    case 'low-rank':
      return lowRank(plan.rank, shapes, seed);
  }
}

function everything(length: number): Sampling {
  const copy = (values: Float32Array) => {
    checkLength(values, length);
    return Float32Array.from(values);
  };
  return { kept: length, sample: copy, spread: copy, estimate: copy };
}

/** @param places ascending. @param weightsOf what the estimate multiplies each with: who only samples needs none */
function coordinates(all: number, places: Uint32Array, weightsOf: () => Float32Array): Sampling {
  const kept = places.length;
  return {
    kept,
    sample: (values) => {
      checkLength(values, all);
      const sampled = new Float32Array(kept);
      for (let i = 0; i < kept; i += 1) sampled[i] = values[places[i]!]!;
      return sampled;
    },
    spread: (values) => {
      checkLength(values, kept);
      const spread = new Float32Array(all);
      for (let i = 0; i < kept; i += 1) spread[places[i]!] = values[i]!;
      return spread;
    },
    estimate: (values) => {
      checkLength(values, kept);
      const weights = weightsOf();
      const estimate = new Float32Array(all);
      for (let i = 0; i < kept; i += 1) estimate[places[i]!] = values[i]! * weights[i]!;
      return estimate;
    },
  };
}

/** The same units of a kernel and of what belongs to it, so that a unit travels whole. */
function neurons(fraction: number, shapes: Shapes, seed: Uint8Array): Sampling {
  const layers = layersOf(fraction, shapes);
  const draw = selectionOf(seed);
  const all = lengthOf(shapes);
  const kept = layers.reduce((sum, layer) => sum + layer.rows * layer.kept, 0);
  const [places, weights] = [new Uint32Array(kept), new Float32Array(kept)];
  let [at, start] = [0, 0];
  for (const { rows, units, kept: keptUnits } of layers) {
    const chosen = draw(units, keptUnits);
    weights.fill(units / keptUnits, at, at + rows * keptUnits);
    // Tensors of a layer lie one behind the other, and have units last: rows of units, whichever tensor they are of.
    for (let row = 0; row < rows; row += 1, start += units) {
      for (let i = 0; i < keptUnits; i += 1, at += 1) places[at] = start + chosen[i]!;
    }
  }
  return coordinates(all, places, () => weights);
}

/** Draws one set after another, a word of the stream for each number that it draws from. */
function selectionOf(seed: Uint8Array): (all: number, count: number) => Uint32Array {
  let from = 0;
  return (all, count) => {
    const chosen = select({ seed, stream: STREAMS.sample }, { all, count, from });
    from += all;
    return chosen;
  };
}

function checkLength(values: Float32Array, length: number): void {
  if (values.length !== length) throw new RangeError(`${values.length} values instead of ${length}`);
}
