/**
 * Runs a scenario: N virtual participants and a virtual coordinator, each a small runner around the very state
 * machines and frames that are deployed, under virtual time. No clock, no timers, no sockets; the same seed
 * gives the same model, bit for bit.
 */
import {
  type BlobHash,
  baseModelOf,
  baseShapes,
  blobHashOf,
  decodeFrame,
  type ExampleSet,
  encodeFrame,
  firstModel as firstModelOf,
  frozenParameters,
  instant,
  type ModelSpec,
  parameterCount,
  parameterShapes,
  plainSha256,
  type Sha256,
  type StopSignal,
  type Trainer,
  TributaryError,
} from '@tributary/fl-core';
import { plainCrypto } from '@tributary/privacy/plain-crypto';
import { drawPopulation } from './population.ts';
import { type Scenario, scenarioManifest } from './scenario.ts';
import type { CryptoFunctions } from './secure-sum/seeded-crypto.ts';
import { simulateCoordinator } from './simulated-coordinator.ts';
import { simulateDownloads } from './simulated-downloads.ts';
import { simulateParticipant } from './simulated-participant.ts';
import type { SimulatedRound } from './simulated-round.ts';
import { virtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  readonly trainer: Trainer;
  /** The pool that is divided among the participants, and what the model is measured on. */
  readonly dataset: { readonly train: ExampleSet; readonly validation: ExampleSet };
  /** The frame of the model that the scenario adapts. */
  readonly baseModel?: Uint8Array;
  /** A native implementation makes large models cheaper; the plain one when absent. */
  readonly sha256?: Sha256;
  /** The same for the cryptography of secure sums; its random bytes come from the scenario's seed all the same. */
  readonly crypto?: CryptoFunctions;
  readonly onRound?: (round: SimulatedRound) => void;
  readonly signal?: StopSignal;
}

export interface SimulationResult {
  readonly name: string;
  readonly seed: string;
  /** Committed rounds. */
  readonly rounds: number;
  readonly abandonedRounds: number;
  /** Committed rounds until the target accuracy was first measured; null when it never was. */
  readonly roundsToTarget: number | null;
  readonly targetAccuracy: number | null;
  /** After each committed round; null where it was not measured. */
  readonly accuracy: readonly (number | null)[];
  readonly loss: readonly (number | null)[];
  /** The last measured one. */
  readonly finalAccuracy: number | null;
  readonly modelHash: BlobHash;
  /** The frame of the final model. */
  readonly model: Uint8Array;
  /**
   * Updates, models, and all that secure sums attach to messages: keys, shares, signatures, who is in the sum. The JSON of
   * messages is not counted.
   */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Of the model, for each update that was sent, and each model that was fetched. */
  readonly bytesPerParameterUp: number;
  readonly bytesPerParameterDown: number;
  readonly dropouts: number;
  readonly virtualSeconds: number;
}

/**
 * @throws TributaryError `data-missing` without the base model of an adapted one, `blob-corrupt` or `frame-*` when it is
 * another; `training-stopped` when the signal says so; `internal` when nothing is left to happen
 * before the run has ended
 */
export async function simulate(scenario: Scenario, options: SimulationOptions): Promise<SimulationResult> {
  const world = createWorld(scenario, options);
  const coordinator = simulateCoordinator(world);
  for (const member of drawPopulation(scenario, options.dataset.train)) {
    const participant = simulateParticipant(world, member, coordinator);
    world.time.schedule(instant(member.arrivesAfterSeconds * 1000), participant.start);
  }
  coordinator.launch();

  while (!coordinator.hasEnded()) {
    if (options.signal?.aborted) throw new TributaryError('training-stopped', 'the simulation was stopped');
    const happening = world.time.next();
    if (!happening)
      throw new TributaryError('internal', 'nothing is left to happen, and the run has not ended');
    await happening();
  }
  const modelHash = coordinator.modelHash();
  return summarise(scenario, world, { modelHash, model: world.blobs.get(modelHash)! });
}

function createWorld(scenario: Scenario, options: SimulationOptions): World {
  const manifest = scenarioManifest(scenario);
  const sha256 = options.sha256 ?? plainSha256;
  const blobs = new Map<BlobHash, Uint8Array>();
  if (manifest.initialModel !== undefined) {
    throw new TributaryError(
      'manifest-invalid',
      'initialModel: a simulation draws its first model from the seed',
    );
  }
  const firstModel = encodeFrame(firstModelOf(manifest), sha256);
  const firstModelHash = blobHashOf(firstModel, sha256);
  blobs.set(firstModelHash, firstModel);
  const downloads = simulateDownloads(manifest, sha256);
  downloads.published(firstModelHash, firstModel);
  return {
    scenario,
    manifest,
    trainer: options.trainer,
    base: readBase(manifest.model, options.baseModel, sha256),
    pool: options.dataset.train,
    validation: options.dataset.validation,
    sha256,
    crypto: options.crypto ?? plainCrypto(noRandomness),
    time: virtualTime(),
    blobs,
    downloads,
    firstModelHash,
    rounds: [],
    onRound: options.onRound ?? (() => {}),
    traffic: { bytesUp: 0, bytesDown: 0, uploads: 0, downloads: 0, dropouts: 0 },
  };
}

function noRandomness(): never {
  throw new TributaryError('internal', 'randomness comes from the seed');
}

function readBase(model: ModelSpec, frame: Uint8Array | undefined, sha256: Sha256): World['base'] {
  const hash = baseModelOf(model);
  const expectedShapes = baseShapes(model);
  if (hash === null || expectedShapes === null) return null;
  if (!frame) throw new TributaryError('data-missing', 'the scenario adapts a model, which was not given');
  if (blobHashOf(frame, sha256) !== hash) {
    throw new TributaryError('blob-corrupt', 'the given base model is not the one that the scenario adapts');
  }
  return {
    frozen: frozenParameters(model, decodeFrame(frame, { sha256, expectedShapes })),
    frameBytes: frame.length,
  };
}

function summarise(
  scenario: Scenario,
  world: World,
  final: Pick<SimulationResult, 'modelHash' | 'model'>,
): SimulationResult {
  const committed = world.rounds.filter((round) => round.outcome === 'committed');
  const target = scenario.targetAccuracy ?? null;
  const reached = target === null ? undefined : committed.find((round) => (round.accuracy ?? -1) >= target);
  return {
    name: scenario.name,
    seed: scenario.seed,
    rounds: committed.length,
    abandonedRounds: world.rounds.length - committed.length,
    roundsToTarget: reached?.committedRounds ?? null,
    targetAccuracy: target,
    accuracy: committed.map((round) => round.accuracy),
    loss: committed.map((round) => round.loss),
    finalAccuracy: committed.findLast((round) => round.accuracy !== null)?.accuracy ?? null,
    ...final,
    ...trafficOf(world),
    virtualSeconds: world.time.now() / 1000,
  };
}

function trafficOf({ manifest, traffic: { uploads, downloads, ...traffic } }: World) {
  const parameters = parameterCount(parameterShapes(manifest.model));
  return {
    ...traffic,
    bytesPerParameterUp: traffic.bytesUp / Math.max(uploads, 1) / parameters,
    bytesPerParameterDown: traffic.bytesDown / Math.max(downloads, 1) / parameters,
  };
}
