/**
 * Which models may be coded against which: the newest ones of the runs whose models come coded. In memory, so that a request
 * for anything else costs nothing.
 */
import { type BlobHash, CODABLE_BASES, type RunId } from '@tributary/fl-core';

export interface ModelVersions {
  /** @param models oldest first */
  begin(runId: RunId, models: readonly BlobHash[]): void;
  /** This model is the run's newest now, perhaps again. Runs that never began are passed over. */
  add(runId: RunId, model: BlobHash): void;
  /** Whether both are of one run, the model one of its very newest, and the base not too old. */
  isCodable(model: BlobHash, base: BlobHash | null): boolean;
}

/** Who was invited shortly before the newest model came asks for the one before. */
const CODABLE_MODELS = 4;

export function openModelVersions(): ModelVersions {
  const versions = new Map<RunId, readonly BlobHash[]>();
  return {
    begin: (runId, models) => void versions.set(runId, models.slice(-CODABLE_BASES)),
    add(runId, model) {
      const before = versions.get(runId);
      if (!before) return;
      versions.set(runId, [...before.filter((other) => other !== model), model].slice(-CODABLE_BASES));
    },
    isCodable: (model, base) =>
      model !== base &&
      [...versions.values()].some(
        (models) => models.slice(-CODABLE_MODELS).includes(model) && (base === null || models.includes(base)),
      ),
  };
}
