/** The models that a manifest names by their hash must be here before its run can begin. */
import {
  type BlobHash,
  baseModelOf,
  baseShapes,
  decodeFrame,
  parameterShapes,
  type TaskManifest,
  type TensorShape,
  TributaryError,
} from '@tributary/fl-core';
import type { RunSurroundings } from './run-supervisor.ts';

type Around = Pick<RunSurroundings, 'storage' | 'aggregation'>;

/** @throws TributaryError `manifest-invalid`, naming the field */
export async function requireModels({ model, initialModel }: TaskManifest, around: Around): Promise<void> {
  const base = baseModelOf(model);
  const shapes = baseShapes(model);
  if (base !== null && shapes !== null)
    await requireModel(base, { path: 'model.adaptation.baseModel', shapes, around });
  if (initialModel !== undefined) {
    const shapes = parameterShapes(model);
    await requireModel(initialModel as BlobHash, { path: 'initialModel', shapes, around });
  }
}

async function requireModel(
  hash: BlobHash,
  named: { readonly path: string; readonly shapes: readonly TensorShape[]; readonly around: Around },
): Promise<void> {
  const { path, shapes, around } = named;
  const { storage, aggregation } = around;
  const fault = (message: string) => new TributaryError('manifest-invalid', `${path}: ${message}`);
  if (!(await storage.models.has(hash)))
    throw fault('there is no model with this hash here; upload it, or take the model of one of these runs');
  const frame = await aggregation.read(hash, storage.models.locate(hash));
  if (!isFrameOf(frame, shapes)) throw fault('the model with this hash has other sizes than this one needs');
}

function isFrameOf(frame: Uint8Array, shapes: readonly TensorShape[]): boolean {
  try {
    // All of it is what its hash says, its checksum included.
    const checksum = frame.subarray(-32);
    decodeFrame(frame, { sha256: () => checksum, expectedShapes: shapes, mayShare: true });
    return true;
  } catch {
    return false;
  }
}
