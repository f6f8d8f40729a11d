/** All runs of this coordinator, each under its supervisor. */
import { randomBytes } from 'node:crypto';
import {
  type BlobHash,
  baseModelOf,
  openRun,
  type RunId,
  type TaskManifest,
  TributaryError,
} from '@tributary/fl-core';
import { emptyTally, type StoredRun } from '../storage/run-store.ts';
import { requireModels } from './require-models.ts';
import { RunSupervisor, type RunSurroundings } from './run-supervisor.ts';

export interface RunRegistry {
  /** Newest last. */
  all(): readonly RunSupervisor[];
  /** @throws TributaryError `run-unknown` */
  get(runId: RunId): RunSupervisor;
  /** Whether a run adapts the model of this hash: its participants need it. */
  isBaseModel(hash: BlobHash): boolean;
  /**
   * A new run, paused until launched.
   * @throws TributaryError `manifest-invalid` when a model that it names is not here
   */
  create(manifest: TaskManifest): Promise<RunSupervisor>;
  close(): Promise<void>;
}

/** Loads every run: each goes on where it was, and those that have ended lose what a crash left behind. */
export async function openRunRegistry(around: RunSurroundings): Promise<RunRegistry> {
  const supervisors = new Map<RunId, RunSupervisor>();
  for (const stored of await around.storage.runs.runs()) {
    const supervisor = await RunSupervisor.open(stored, around);
    supervisors.set(stored.runId, supervisor);
    await supervisor.restart();
  }

  return {
    all: () => [...supervisors.values()],
    get(runId) {
      const supervisor = supervisors.get(runId);
      if (!supervisor) throw new TributaryError('run-unknown', 'there is no such run here');
      return supervisor;
    },
    isBaseModel: (hash) =>
      [...supervisors.values()].some(({ manifest }) => baseModelOf(manifest.model) === hash),
    async create(manifest) {
      const { storage, clock } = around;
      await requireModels(manifest, around);
      const modelHash = await firstModel(manifest, around);
      const runId = `run-${randomBytes(4).toString('hex')}` as RunId;
      const at = clock();
      const stored: StoredRun = {
        runId,
        createdAt: at,
        manifest,
        state: openRun({ runId, manifest, modelHash }),
        optimiserHash: null,
        tally: emptyTally(),
      };
      await storage.runs.createRun(stored);
      const supervisor = await RunSupervisor.open(stored, around);
      supervisors.set(runId, supervisor);
      return supervisor;
    },
    async close() {
      for (const supervisor of supervisors.values()) await supervisor.close();
    },
  };
}

/** The one that the manifest names, or one drawn from its seed. */
async function firstModel(
  manifest: TaskManifest,
  { storage, aggregation }: RunSurroundings,
): Promise<BlobHash> {
  if (manifest.initialModel !== undefined) return manifest.initialModel as BlobHash;
  const { bytes, hash } = await aggregation.initialModel(manifest);
  await storage.models.put(bytes, hash);
  return hash;
}
