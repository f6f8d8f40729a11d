/** A vault as the private data of a participant in one run: every data set that fits, but for those left out by hand. */
import {
  type DataSchema,
  type ExampleSet,
  type ExampleStream,
  errorCodeOf,
  type RunId,
  TributaryError,
} from '@tributary/fl-core';
import type { PrivateData } from '../ports/private-data.ts';
import { assembleExamples, trainingCountOf } from './assemble-examples.ts';
import type { DataSetSummary } from './data-set.ts';
import { isSameSchema } from './same-schema.ts';
import { streamExamples } from './stream-examples.ts';
import type { Vault } from './vault.ts';

export interface RunData {
  readonly runId: RunId;
  /** The manifest's `data`. */
  readonly data: DataSchema;
}

const ATTEMPTS = 5;
/**
 * Examples that take more than this are read while they train, and measured with an even part of those held out. A trainer's
 * worker holds a copy of what is held.
 */
const HOLD_BYTES = 128_000_000;

export function privateDataOf(
  vault: Vault,
  run: RunData,
  { holdBytes = HOLD_BYTES }: { readonly holdBytes?: number } = {},
): PrivateData {
  return {
    exampleCount: async () => trainingCountOf(await dataSetsInUse(vault, run)),
    async trainingExamples() {
      const training = await whileUnchanged(async (dataSets) => {
        if (trainingCountOf(dataSets) === 0) return null;
        const isLarge = bytesOf(dataSets, trainingCountOf(dataSets)) > holdBytes;
        return isLarge ? streamExamples(vault, dataSets) : assembleExamples(vault, dataSets, 'training');
      });
      if (!training) throw new TributaryError('data-missing', 'there are no examples on this device yet');
      return training;
    },
    heldOutExamples: () =>
      whileUnchanged(async (dataSets) => {
        const count = dataSets.reduce((total, { rowCount }) => total + rowCount, 0);
        const heldOut = count - trainingCountOf(dataSets);
        if (heldOut === 0) return null;
        // An even part measures nearly as well as all of them.
        const oneIn = Math.ceil(bytesOf(dataSets, heldOut) / holdBytes);
        return assembleExamples(vault, dataSets, 'heldOut', oneIn);
      }),
  };

  /** Somebody may draw while a round begins: then it is put together again with what is there now. */
  async function whileUnchanged<Examples extends ExampleSet | ExampleStream>(
    read: (dataSets: readonly DataSetSummary[]) => Promise<Examples | null>,
  ): Promise<Examples | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read(await dataSetsInUse(vault, run));
      } catch (error) {
        const isChange = ['conflict', 'not-found'].includes(errorCodeOf(error));
        if (!isChange || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

/** As floats. */
const bytesOf = ([first]: readonly DataSetSummary[], count: number): number =>
  4 * count * (first?.rowSize ?? 0);

/** Oldest first, so that the same data gives the same update. */
export async function dataSetsInUse(
  vault: Vault,
  { runId, data }: RunData,
): Promise<readonly DataSetSummary[]> {
  const [all, leftOut] = await Promise.all([vault.list(), vault.leftOut(runId)]);
  return all.filter(({ id, schema }) => isSameSchema(schema, data) && !leftOut.has(id));
}
