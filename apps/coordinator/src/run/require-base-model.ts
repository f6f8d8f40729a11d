import {
  baseModelOf,
  decodeFrame,
  frozenShapes,
  type ModelSpec,
  type sameShapes,
  TributaryError,
} from '@tributary/fl-core';
import type { RunSurroundings } from './run-supervisor.ts';

/**
 * A run that adapts a model can begin only when that model is here and has the sizes that are adapted.
 * @throws TributaryError `manifest-invalid`
 */
export async function requireBaseModel(
  model: ModelSpec,
  { storage, aggregation }: Pick<RunSurroundings, 'storage' | 'aggregation'>,
): Promise<void> {
  const hash = baseModelOf(model);
  const shapes = frozenShapes(model);
  if (hash === null || shapes === null) return;
  if (!(await storage.models.has(hash))) {
    throw fault('there is no model with this hash here; upload it, or adapt the model of one of these runs');
  }
  const frame = await aggregation.read(hash, storage.models.locate(hash));
  if (!isFrameOf(frame, shapes)) {
    throw fault('the model with this hash has other sizes than the one that is to be adapted');
  }
}

function isFrameOf(frame: Uint8Array, shapes: Parameters<typeof sameShapes>[1]): boolean {
  try {
    // All of it is what its hash says, its checksum included.
    const checksum = frame.subarray(-32);
    decodeFrame(frame, { sha256: () => checksum, expectedShapes: shapes, mayShare: true });
    return true;
  } catch {
    return false;
  }
}

const fault = (message: string) =>
  new TributaryError('manifest-invalid', `model.adaptation.baseModel: ${message}`);
