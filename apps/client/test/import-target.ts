/** What a reader writes into, and what it said. */
import type { DataSchema } from '@tributary/fl-core';
import { createExampleBuilder } from '../src/data-import/example-builder.ts';
import { ImportRefused, type RejectionReason } from '../src/data-import/imported.ts';

export function importTarget(data: DataSchema) {
  const examples = createExampleBuilder(data);
  const rejections: { position: number; reason: RejectionReason }[] = [];
  return {
    examples,
    reject: (position: number, reason: RejectionReason) => void rejections.push({ position, reason }),
    rejections,
    inputs: () => [...(examples.finish()?.inputs ?? [])],
    labels: () => [...(examples.finish()?.labels ?? [])],
  };
}

export function reasonOf(action: () => unknown): RejectionReason {
  try {
    action();
  } catch (error) {
    if (error instanceof ImportRefused) return error.reason;
    throw error;
  }
  throw new Error('was not refused');
}
