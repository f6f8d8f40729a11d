/** Who takes part: identities, how fast each is, and where their data lies in the pool. All from seeds. */
import {
  CLIENT_ID_PATTERN,
  type ClientId,
  type ExampleSet,
  type RandomSource,
  seededRandom,
  tensorSize,
  unitInterval,
} from '@tributary/fl-core';
import { dirichletPartition } from './partition/dirichlet.ts';
import { iidPartition } from './partition/iid.ts';
import { labelShardPartition } from './partition/label-shards.ts';
import type { Partition } from './partition/partition.ts';
import type { Scenario } from './scenario.ts';
import { type SeededDevice, seededDevice } from './secure-sum/seeded-crypto.ts';

export interface VirtualParticipant {
  readonly clientId: ClientId;
  readonly device: SeededDevice;
  /** Indices of its examples in the pool. */
  readonly shard: Int32Array;
  readonly arrivesAfterSeconds: number;
  readonly latencySeconds: number;
  readonly bytesPerSecond: number;
  readonly examplesPerSecond: number;
  /** Draws this participant's dropouts. */
  readonly faults: RandomSource;
}

export function drawPopulation(scenario: Scenario, pool: ExampleSet): VirtualParticipant[] {
  const { population, seed } = scenario;
  const identities = seededRandom(`${seed}/identities`);
  return partitionPool(scenario, pool).map((shard, index) => {
    const networkSeed = `${population.networkSeed ?? seed}/network/${index}`;
    const network = seededRandom(networkSeed);
    return {
      clientId: drawClientId(identities),
      device: seededDevice(`${seed}/device/${index}`),
      shard,
      arrivesAfterSeconds: unitInterval(network) * population.arrivalSeconds,
      latencySeconds: between(population.latencySeconds, network),
      bytesPerSecond: between(population.bytesPerSecond, network),
      examplesPerSecond: between(population.examplesPerSecond, network),
      faults: seededRandom(`${networkSeed}/faults`),
    };
  });
}

/** Examples at these indices, copied out of the pool. */
export function gatherExamples(pool: ExampleSet, indices: Int32Array): ExampleSet {
  const inputSize = tensorSize(pool.inputShape);
  const { labelsPerExample } = pool;
  const inputs = new Float32Array(indices.length * inputSize);
  const labels = new Int32Array(indices.length * labelsPerExample);
  indices.forEach((index, row) => {
    inputs.set(pool.inputs.subarray(index * inputSize, (index + 1) * inputSize), row * inputSize);
    labels.set(
      pool.labels.subarray(index * labelsPerExample, (index + 1) * labelsPerExample),
      row * labelsPerExample,
    );
  });
  return { count: indices.length, inputShape: pool.inputShape, inputs, labelsPerExample, labels };
}

function partitionPool(scenario: Scenario, pool: ExampleSet): Partition {
  const { partition, participants } = scenario.population;
  const random = seededRandom(`${scenario.seed}/partition`);
  switch (partition.kind) {
    case 'iid':
      return iidPartition({ examples: pool.count, participants, random });
    case 'label-shards':
      return labelShardPartition({ ...partition, labels: pool.labels, participants, random });
    case 'dirichlet':
      return dirichletPartition({ ...partition, labels: pool.labels, participants, random });
  }
}

function between(range: { minimum: number; maximum: number }, random: RandomSource): number {
  return range.minimum + unitInterval(random) * (range.maximum - range.minimum);
}

function drawClientId(random: RandomSource): ClientId {
  const id = Array.from({ length: 4 }, () => random.nextUint32().toString(16).padStart(8, '0')).join('');
  if (!CLIENT_ID_PATTERN.test(id)) throw new Error('unreachable: 32 hex digits are a client id');
  return id as ClientId;
}
