/** Stored rows -> a stream of examples: each portion is read, and decrypted, when training is about to need it. */
import type { ExampleSet, ExampleStream } from '@tributary/fl-core';
import { changed, createExampleWriter, inputShapeOf, trainingCountOf } from './assemble-examples.ts';
import type { DataSetSummary, Rows } from './data-set.ts';
import type { Vault } from './vault.ts';

/** Rows that are stored next to each other, held-out ones among them. */
interface Portion {
  readonly dataSet: DataSetSummary;
  readonly from: number;
  readonly rows: number;
  /** Numbers are never given twice, so the same last one means that no row has gone. */
  readonly lastNumber: number;
  /** How many of them train. */
  readonly training: number;
}

/**
 * The training side of the split. The data sets have the same schema and at least one row. Goes through all rows once, to
 * learn which are held out.
 * @throws TributaryError `conflict` when a row came or went while they were read, here or in `read`; `data-unreadable`
 */
export async function streamExamples(
  vault: Vault,
  dataSets: readonly DataSetSummary[],
): Promise<ExampleStream> {
  const count = trainingCountOf(dataSets);
  const everythingTrains = dataSets.every(({ rowCount, heldOutCount }) => rowCount === heldOutCount);
  const trains = ({ heldOut }: Rows, place: number): boolean => everythingTrains || heldOut[place] === 0;

  const portions: Portion[] = [];
  for (const dataSet of dataSets) {
    let from = 0;
    for await (const stored of vault.portions(dataSet.id)) {
      const rows = stored.heldOut.length;
      const training = placesOf(stored, trains).length;
      portions.push({ dataSet, from, rows, lastNumber: stored.numbers.at(-1)!, training });
      from += rows;
    }
  }
  if (portions.reduce((sum, { training }) => sum + training, 0) !== count) throw changed();

  const { schema, rowSize, labelsPerExample } = dataSets[0]!;
  return {
    ...{ count, labelsPerExample, inputShape: inputShapeOf(schema, rowSize) },
    portionSizes: portions.map(({ training }) => training),
    async read(index): Promise<ExampleSet> {
      const { dataSet, from, rows, lastNumber, training } = portions[index]!;
      const stored = await vault.rows(dataSet.id, from, rows);
      if (stored.numbers.at(-1) !== lastNumber) throw changed();
      const writer = createExampleWriter(dataSet, training);
      for (const place of placesOf(stored, trains)) writer.add(stored, place);
      return writer.finish();
    },
  };
}

function placesOf(rows: Rows, isWanted: (rows: Rows, place: number) => boolean): number[] {
  return [...rows.heldOut.keys()].filter((place) => isWanted(rows, place));
}
