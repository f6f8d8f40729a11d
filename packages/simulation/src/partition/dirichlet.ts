/**
 * Label skew by a Dirichlet distribution: each label's examples are split among the participants in proportions
 * drawn from Dirichlet(alpha, ..., alpha) (Yurochkin et al. 2019; Li et al. 2022, "NIID-Bench"). Small alpha is
 * strong skew; alpha towards infinity is IID.
 */
import { type RandomSource, shuffle, standardNormal, unitInterval } from '@tributary/fl-core';
import { indicesBelow, type Partition } from './partition.ts';

const MAXIMUM_TRIES = 100;

/**
 * Every index is dealt exactly once. Draws again until everybody holds at least `minimumExamples`.
 * @throws RangeError when a hundred draws leave somebody with too few
 */
export function dirichletPartition(options: {
  labels: Int32Array;
  participants: number;
  alpha: number;
  /** Default 1: nobody is left without data. */
  minimumExamples?: number;
  random: RandomSource;
}): Partition {
  const { minimumExamples = 1 } = options;
  for (let attempt = 0; attempt < MAXIMUM_TRIES; attempt += 1) {
    const partition = drawPartition(options);
    if (partition.every((indices) => indices.length >= minimumExamples)) return partition;
  }
  throw new RangeError(
    `Dirichlet(${options.alpha}) left somebody with fewer than ${minimumExamples} examples ${MAXIMUM_TRIES} times`,
  );
}

function drawPartition(options: {
  labels: Int32Array;
  participants: number;
  alpha: number;
  random: RandomSource;
}): Partition {
  const { labels, participants, alpha, random } = options;
  const shares: number[][] = Array.from({ length: participants }, () => []);
  for (const ofOneLabel of groupByLabel(labels)) {
    const order = shuffle(ofOneLabel, random);
    let dealt = 0;
    let cumulative = 0;
    drawDirichlet(participants, alpha, random).forEach((proportion, participant) => {
      cumulative += proportion;
      const end = participant === participants - 1 ? order.length : Math.round(cumulative * order.length);
      while (dealt < end) shares[participant]!.push(order[dealt++]!);
    });
  }
  return shares.map((share) => shuffle(Int32Array.from(share), random));
}

function groupByLabel(labels: Int32Array): number[][] {
  const groups = new Map<number, number[]>();
  for (const index of indicesBelow(labels.length)) {
    const label = labels[index]!;
    const group = groups.get(label);
    if (group) group.push(index);
    else groups.set(label, [index]);
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** Gamma draws divided by their sum. */
function drawDirichlet(dimensions: number, alpha: number, random: RandomSource): number[] {
  const draws = Array.from({ length: dimensions }, () => drawGamma(alpha, random));
  const sum = draws.reduce((total, draw) => total + draw, 0);
  return sum > 0 ? draws.map((draw) => draw / sum) : draws.map(() => 1 / dimensions);
}

/** Gamma(shape, 1) by squeeze-free rejection (Marsaglia and Tsang 2000); below 1 by their boost, section 6. */
export function drawGamma(shape: number, random: RandomSource): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - unitInterval(random)) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - unitInterval(random)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
