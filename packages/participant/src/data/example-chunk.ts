/** Examples as they are stored: a few hundred rows together, because a transaction per row would take seconds. */
import { TributaryError } from '@tributary/fl-core';
import type { ExampleBatch } from './example-store.ts';
import { isHeldOut } from './split.ts';

const ROWS_PER_CHUNK = 512;

export interface ExampleChunk {
  readonly inputs: Uint8Array | Float32Array;
  readonly labels: Int32Array;
  /** 1 where the row is held out. */
  readonly heldOut: Uint8Array;
}

/** What a store knows about its examples without reading them. */
export interface ExampleInventory {
  readonly deviceSeed: string;
  readonly rowSize: number;
  readonly labelsPerExample: number;
  readonly count: number;
  readonly heldOutCount: number;
  readonly countsByLabel: ReadonlyMap<number, number>;
}

export function emptyInventory(deviceSeed: string): ExampleInventory {
  return { deviceSeed, rowSize: 0, labelsPerExample: 0, count: 0, heldOutCount: 0, countsByLabel: new Map() };
}

/**
 * Deals a batch into chunks, one at a time because each takes milliseconds, and returns the inventory with all of them.
 * @throws TributaryError `data-invalid`, before the first chunk
 */
export function* addBatch(
  inventory: ExampleInventory,
  batch: ExampleBatch,
): Generator<ExampleChunk, ExampleInventory> {
  const labelsPerExample = batch.labelsPerExample ?? 1;
  const rows = batch.labels.length / labelsPerExample;
  requireFit(inventory, batch, rows, labelsPerExample);
  const countsByLabel = new Map(inventory.countsByLabel);
  let heldOutCount = inventory.heldOutCount;
  for (let first = 0; first < rows; first += ROWS_PER_CHUNK) {
    const end = Math.min(first + ROWS_PER_CHUNK, rows);
    const heldOut = Uint8Array.from({ length: end - first }, (_, row) =>
      Number(isHeldOut(inventory.deviceSeed, inventory.count + first + row)),
    );
    for (const held of heldOut) heldOutCount += held;
    const labels = Int32Array.from(batch.labels.slice(first * labelsPerExample, end * labelsPerExample));
    for (const label of labels) countsByLabel.set(label, (countsByLabel.get(label) ?? 0) + 1);
    yield { inputs: batch.inputs.slice(first * batch.rowSize, end * batch.rowSize), labels, heldOut };
  }
  const count = inventory.count + rows;
  return { ...inventory, rowSize: batch.rowSize, labelsPerExample, count, heldOutCount, countsByLabel };
}

function requireFit(
  inventory: ExampleInventory,
  batch: ExampleBatch,
  rows: number,
  labelsPerExample: number,
): void {
  if (!Number.isInteger(rows) || batch.rowSize < 1 || batch.inputs.length !== rows * batch.rowSize) {
    throw new TributaryError(
      'data-invalid',
      `${batch.inputs.length} values are not ${rows} examples of ${batch.rowSize} values`,
    );
  }
  if (inventory.count === 0) return;
  if (inventory.rowSize !== batch.rowSize || inventory.labelsPerExample !== labelsPerExample) {
    throw new TributaryError(
      'data-invalid',
      `examples of ${batch.rowSize} values, but those already here have ${inventory.rowSize}`,
    );
  }
}

/** Everything trains when the split would leave nothing to train on: the first drawn digit counts. */
export function trainingCountOf(inventory: ExampleInventory): number {
  const { count, heldOutCount } = inventory;
  return heldOutCount === count ? count : count - heldOutCount;
}
