/**
 * How many bytes a model is on its way down: whole, or coded as the coordinator codes it, against the version that a
 * participant holds. Each pair is coded once, however many ask.
 */
import {
  type BlobHash,
  CODABLE_BASES,
  decodeFrame,
  encodeCodedModel,
  type NamedModel,
  type Sha256,
  type TaskManifest,
} from '@tributary/fl-core';

export interface SimulatedDownloads {
  /** This model is the newest now. */
  published(hash: BlobHash, frame: Uint8Array): void;
  /**
   * Of the newest model, or of another one, which comes whole.
   * @param held the version that the participant has, if any; 404 and another request cost no counted bytes
   */
  bytesOf(hash: BlobHash, frame: Uint8Array, held: BlobHash | null): number;
}

export function simulateDownloads(
  { downlink }: Pick<TaskManifest, 'downlink'>,
  sha256: Sha256,
): SimulatedDownloads {
  /** Oldest first; the last one is the newest model. */
  const versions = new Map<BlobHash, Uint8Array>();
  /** Lengths of the newest model's codes, by what they are coded against. */
  const lengths = new Map<BlobHash | null, number>();
  const isCoded = downlink.codec !== 'float32';

  const named = (hash: BlobHash, frame: Uint8Array): NamedModel => ({
    hash,
    parameters: decodeFrame(frame, { sha256, mayShare: true }),
  });
  const codedLength = (model: NamedModel, base: BlobHash | null): number =>
    encodeCodedModel(model, base && named(base, versions.get(base)!)).length;

  return {
    published(hash, frame) {
      if (!isCoded) return;
      lengths.clear();
      versions.delete(hash);
      versions.set(hash, frame);
      for (const oldest of [...versions.keys()].slice(0, -CODABLE_BASES)) versions.delete(oldest);
    },
    bytesOf(hash, frame, held) {
      if ([...versions.keys()].at(-1) !== hash) return frame.length;
      // After an abandoned round: it is there already.
      if (held === hash) return 0;
      const base = held !== null && versions.has(held) ? held : null;
      const length = lengths.get(base) ?? codedLength(named(hash, frame), base);
      lengths.set(base, length);
      return length;
    },
  };
}
