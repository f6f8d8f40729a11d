/** What the simulated coordinator and the simulated participants share. */
import type { BlobHash, ExampleSet, ParameterSet, Sha256, TaskManifest, Trainer } from '@tributary/fl-core';
import type { Scenario } from './scenario.ts';
import type { CryptoFunctions } from './secure-sum/seeded-crypto.ts';
import type { SimulatedDownloads } from './simulated-downloads.ts';
import type { SimulatedRound } from './simulated-round.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface World {
  readonly scenario: Scenario;
  readonly manifest: TaskManifest;
  readonly trainer: Trainer;
  /** The model that the scenario adapts, decoded once for all of them, and its size as a frame. */
  readonly base: { readonly frozen: ParameterSet; readonly frameBytes: number } | null;
  readonly pool: ExampleSet;
  readonly validation: ExampleSet;
  readonly sha256: Sha256;
  /** What secure sums are computed with. */
  readonly crypto: CryptoFunctions;
  readonly time: VirtualTime;
  /** The coordinator's blob store: the current model, and the updates of the round in progress. */
  readonly blobs: Map<BlobHash, Uint8Array>;
  readonly downloads: SimulatedDownloads;
  readonly firstModelHash: BlobHash;
  readonly rounds: SimulatedRound[];
  readonly onRound: (round: SimulatedRound) => void;
  readonly traffic: {
    bytesUp: number;
    bytesDown: number;
    uploads: number;
    downloads: number;
    dropouts: number;
  };
}
