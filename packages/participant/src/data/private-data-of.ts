/** A vault as the private data of a participant in one run: every data set that fits, but for those left out by hand. */
import {
  type DataSchema,
  type ExampleSet,
  errorCodeOf,
  type RunId,
  TributaryError,
} from '@tributary/fl-core';
import type { PrivateData } from '../ports/private-data.ts';
import { assembleExamples, trainingCountOf } from './assemble-examples.ts';
import type { DataSetSummary } from './data-set.ts';
import { isSameSchema } from './same-schema.ts';
import type { Vault } from './vault.ts';

export interface RunData {
  readonly runId: RunId;
  /** The manifest's `data`. */
  readonly data: DataSchema;
}

const ATTEMPTS = 5;

export function privateDataOf(vault: Vault, run: RunData): PrivateData {
  return {
    exampleCount: async () => trainingCountOf(await dataSetsInUse(vault, run)),
    async trainingExamples() {
      const training = await assembled('training');
      if (!training) throw new TributaryError('data-missing', 'there are no examples on this device yet');
      return training;
    },
    heldOutExamples: () => assembled('heldOut'),
  };

  /** Somebody may draw while a round begins: then it is put together again with what is there now. */
  async function assembled(side: 'training' | 'heldOut'): Promise<ExampleSet | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const dataSets = await dataSetsInUse(vault, run);
        const count = dataSets.reduce((total, { rowCount }) => total + rowCount, 0);
        const training = trainingCountOf(dataSets);
        if ((side === 'training' ? training : count - training) === 0) return null;
        return await assembleExamples(vault, dataSets, side);
      } catch (error) {
        const isChange = ['conflict', 'not-found'].includes(errorCodeOf(error));
        if (!isChange || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

/** Oldest first, so that the same data gives the same update. */
export async function dataSetsInUse(
  vault: Vault,
  { runId, data }: RunData,
): Promise<readonly DataSetSummary[]> {
  const [all, leftOut] = await Promise.all([vault.list(), vault.leftOut(runId)]);
  return all.filter(({ id, schema }) => isSameSchema(schema, data) && !leftOut.has(id));
}
