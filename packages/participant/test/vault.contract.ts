/** What every vault does. */
import type { ExampleSet, ImageDataSchema, RunId } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import {
  type DataSetId,
  type NewDataSet,
  type PrivateData,
  privateDataOf,
  type Rows,
  type Vault,
} from '../src/index.ts';

export const PIXELS = 4;
export const images: ImageDataSchema = {
  kind: 'image',
  height: 2,
  width: 2,
  channels: 1,
  labels: ['a', 'b', 'c'],
};
const RUN = { runId: 'run-one' as RunId, data: images };
const OTHER_RUN = { ...RUN, runId: 'run-two' as RunId };

export const newSet = (change: Partial<NewDataSet> = {}): NewDataSet => ({
  name: 'some',
  schema: images,
  source: { kind: 'drawn' },
  encrypted: false,
  ...change,
});

/** The first two pixels of row r are r in base 256 and the label is r mod 3, so every row tells where it came from. */
export function batchOf(count: number, first = 0) {
  const inputs = new Uint8Array(count * PIXELS);
  for (let row = 0; row < count; row += 1) {
    inputs.set([(first + row) % 256, Math.floor((first + row) / 256), 7, 9], row * PIXELS);
  }
  const labels = Int32Array.from({ length: count }, (_, row) => (first + row) % 3);
  return { inputs, rowSize: PIXELS, labels };
}

/** Which row of `batchOf` each is, with its label. */
function told({ inputs, labels }: Pick<Rows, 'inputs' | 'labels'>, scale = 1): string[] {
  return Array.from(labels, (label, place) => {
    const [low, high] = inputs.subarray(place * PIXELS) as unknown as number[];
    return `${Math.round(low! * scale) + 256 * Math.round(high! * scale)}/${label}`;
  });
}

async function heldTraining(data: PrivateData): Promise<ExampleSet> {
  const examples = await data.trainingExamples();
  if ('portionSizes' in examples) throw new Error('so few examples are not streamed');
  return examples;
}

const sorted = (texts: readonly string[]) => [...texts].sort();

async function everything(vault: Vault, id: DataSetId): Promise<Rows> {
  return vault.rows(id, 0, Number.MAX_SAFE_INTEGER);
}

/** Rows that are held out, as `batchOf` numbers them. */
async function heldOutRows(vault: Vault, id: DataSetId): Promise<Set<string>> {
  const rows = await everything(vault, id);
  return new Set(
    told(rows)
      .filter((_, place) => rows.heldOut[place])
      .map((row) => row.split('/')[0]!),
  );
}

/** `reopen` gives what a reloaded page would see; for a vault that forgets, the same one. */
export function vaultContract(
  name: string,
  open: () => Promise<{ vault: Vault; reopen: () => Promise<Vault> }>,
  { encrypted }: { encrypted: boolean },
): void {
  const aSet = (change: Partial<NewDataSet> = {}) => newSet({ encrypted, ...change });

  describe(`${name} as vault`, () => {
    it('lists what it holds, with counts, class balance and size, also after a reload', async () => {
      const { vault, reopen } = await open();
      const { id } = await vault.create(aSet({ name: 'seven' }), batchOf(4));
      await vault.add(id, batchOf(3, 4));
      const [summary] = await (await reopen()).list();
      expect(summary).toMatchObject({ id, name: 'seven', rowCount: 7, schema: images, encrypted });
      expect(new Map([...summary!.countsByLabel].sort())).toEqual(
        new Map([
          [0, 3],
          [1, 2],
          [2, 2],
        ]),
      );
      // Per row: its number, four pixels, one label, one byte for the split.
      expect(summary!.sizeBytes).toBe(7 * (4 + PIXELS + 4 + 1));
    });

    it('loses no row, doubles none and keeps each with its label, across chunks, additions and the split', async () => {
      const { vault, reopen } = await open();
      const { id } = await vault.create(aSet(), batchOf(1200));
      await vault.add(id, batchOf(37, 1200));
      await vault.create(aSet(), batchOf(600, 1237));
      const data = privateDataOf(await reopen(), RUN);
      const training = await heldTraining(data);
      const heldOut = await data.heldOutExamples();
      const expected = Array.from({ length: 1837 }, (_, row) => `${row}/${row % 3}`);
      expect(sorted([...told(training, 255), ...told(heldOut!, 255)])).toEqual(sorted(expected));
      expect(await data.exampleCount()).toBe(training.count);
      expect(training.inputShape).toEqual([2, 2, 1]);
    });

    it('gives more than is to be held in portions: the same examples, in the same order', async () => {
      const { vault, reopen } = await open();
      await vault.create(aSet(), batchOf(1300));
      await vault.create(aSet(), batchOf(600, 1300));
      const reopened = await reopen();
      const held = await heldTraining(privateDataOf(reopened, RUN));
      const stream = await privateDataOf(reopened, RUN, { holdBytes: 1000 }).trainingExamples();
      if (!('portionSizes' in stream)) throw new Error('not streamed');
      const read: ExampleSet[] = [];
      for (const portion of stream.portionSizes.keys()) read.push(await stream.read(portion));
      expect(stream.portionSizes.length).toBeGreaterThan(3);
      expect(read.map(({ count }) => count)).toEqual(stream.portionSizes);
      expect(stream.count).toBe(held.count);
      expect(stream.inputShape).toEqual(held.inputShape);
      expect(read.flatMap(({ inputs }) => [...inputs])).toEqual([...held.inputs]);
      expect(read.flatMap(({ labels }) => [...labels])).toEqual([...held.labels]);
    });

    it('[P-12] measures with an even part of the held-out examples where all are more than is to be held', async () => {
      const { vault } = await open();
      await vault.create(aSet(), batchOf(1300));
      await vault.create(aSet(), batchOf(600, 1300));
      const all = (await privateDataOf(vault, RUN).heldOutExamples())!;
      const holdBytes = 1000;
      const part = (await privateDataOf(vault, RUN, { holdBytes }).heldOutExamples())!;
      const oneIn = Math.ceil(all.inputs.byteLength / holdBytes);
      expect(oneIn).toBeGreaterThan(2);
      expect(told(part, 255)).toEqual(told(all, 255).filter((_, place) => place % oneIn === 0));
    });

    it('refuses a portion whose rows have come or gone since the stream was opened', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(1300));
      const stream = await privateDataOf(vault, RUN, { holdBytes: 1000 }).trainingExamples();
      if (!('portionSizes' in stream)) throw new Error('not streamed');
      await stream.read(0);
      const { numbers, heldOut } = await vault.rows(id, 0, 20);
      await vault.deleteRows(id, [numbers.find((_, place) => heldOut[place] === 0)!]);
      await expect(stream.read(0)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('gives any portion of the rows in the order in which they came', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(1300));
      const rows = await vault.rows(id, 500, 600);
      expect(told(rows)).toEqual(Array.from({ length: 600 }, (_, i) => `${500 + i}/${(500 + i) % 3}`));
      expect((await vault.rows(id, 1299, 10)).numbers).toEqual(Uint32Array.of(1299));
      expect((await vault.rows(id, 1300, 10)).numbers).toHaveLength(0);
    });

    it('scales pixels to [0, 1] and leaves floats as they are', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), {
        inputs: Uint8Array.of(0, 51, 102, 255),
        rowSize: PIXELS,
        labels: [0],
      });
      const data = privateDataOf(vault, RUN);
      expect((await heldTraining(data)).inputs).toEqual(Float32Array.of(0, 0.2, 0.4, 1));
      await vault.deleteDataSet(id);
      const floats = Float32Array.of(-1, 0.5, 2, 3);
      await vault.create(aSet(), { inputs: floats, rowSize: PIXELS, labels: [0] });
      expect((await heldTraining(data)).inputs).toEqual(floats);
    });

    it('[P-12] holds out about a fifth, and moves no row when others come, go, or get another label', async () => {
      const { vault: first, reopen } = await open();
      const { id } = await first.create(aSet(), batchOf(250));
      const before = await heldOutRows(first, id);
      await first.add(id, batchOf(1750, 250));
      const vault = await reopen();
      const all = await heldOutRows(vault, id);
      // 2000 draws at 0.2: six standard deviations are 107, a false alarm once in 5e8 devices.
      expect(Math.abs(all.size - 400)).toBeLessThan(107);
      expect(new Set([...all].filter((row) => Number(row) < 250))).toEqual(before);

      await vault.deleteRows(id, [...Array(100).keys()]);
      await vault.relabel(id, [...Array(300).keys()], 2);
      const left = await heldOutRows(vault, id);
      expect(left).toEqual(new Set([...all].filter((row) => Number(row) >= 100)));
      const [summary] = await vault.list();
      expect(summary!.heldOutCount).toBe(left.size);
    });

    it('[P-12] holds the same rows out when they are imported again, and never one of two twins', async () => {
      const { vault } = await open();
      const first = await vault.create(aSet(), batchOf(300));
      const before = await heldOutRows(vault, first.id);
      await vault.deleteDataSet(first.id);
      const again = await vault.create(aSet(), batchOf(300));
      await vault.add(again.id, batchOf(300));
      expect(await heldOutRows(vault, again.id)).toEqual(before);
      expect((await vault.list())[0]!.heldOutCount).toBe(2 * before.size);
    });

    it('trains on everything while the split would leave nothing to train on', async () => {
      const { vault } = await open();
      const data = privateDataOf(vault, RUN);
      for (let row = 0; row < 12; row += 1) {
        const { id } = await vault.create(aSet(), batchOf(1, row));
        expect((await data.trainingExamples()).count).toBe(1);
        expect(await data.heldOutExamples()).toBeNull();
        expect(await data.exampleCount()).toBe(1);
        await vault.deleteDataSet(id);
      }
    });

    it('refuses rows that do not fit the schema, and keeps what was there', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(3));
      for (const batch of [
        { inputs: new Uint8Array(5), rowSize: 5, labels: [0] },
        { inputs: new Uint8Array(7), rowSize: PIXELS, labels: [0, 1] },
        { inputs: new Uint8Array(PIXELS), rowSize: PIXELS, labels: [3] },
        { inputs: new Uint8Array(PIXELS), rowSize: PIXELS, labels: [-1] },
        { inputs: Float32Array.of(0, 1, Number.NaN, 0), rowSize: PIXELS, labels: [0] },
        { inputs: new Float32Array(PIXELS), rowSize: PIXELS, labels: [0] },
        { inputs: new Uint8Array(), rowSize: PIXELS, labels: [] },
      ]) {
        await expect(vault.add(id, batch)).rejects.toMatchObject({ code: 'data-invalid' });
      }
      expect(told(await everything(vault, id))).toEqual(['0/0', '1/1', '2/2']);
    });

    it('offers a run every data set of its schema, unless left out for that run', async () => {
      const { vault, reopen } = await open();
      const { id } = await vault.create(aSet(), batchOf(10));
      await vault.create(aSet(), batchOf(20, 10));
      await vault.create(aSet({ schema: { ...images, labels: ['c', 'b', 'a'] } }), batchOf(40, 30));
      const countsOf = async (of: Vault, run: typeof RUN) => {
        const data = privateDataOf(of, run);
        return (await data.trainingExamples()).count + ((await data.heldOutExamples())?.count ?? 0);
      };
      expect(await countsOf(vault, RUN)).toBe(30);
      await vault.setLeftOut(RUN.runId, id, true);
      const reopened = await reopen();
      expect(await countsOf(reopened, RUN)).toBe(20);
      expect(await countsOf(reopened, OTHER_RUN)).toBe(30);
      await reopened.setLeftOut(RUN.runId, id, false);
      expect(await countsOf(reopened, RUN)).toBe(30);
    });

    it('says that there is nothing to train on', async () => {
      const { vault } = await open();
      const data = privateDataOf(vault, RUN);
      await expect(data.trainingExamples()).rejects.toMatchObject({ code: 'data-missing' });
      expect(await data.exampleCount()).toBe(0);
      expect(await data.heldOutExamples()).toBeNull();
    });

    it('relabels, deletes and adds, and keeps that over a reload', async () => {
      const { vault, reopen } = await open();
      const { id } = await vault.create(aSet(), batchOf(1030));
      const states = [told(await everything(vault, id))];
      const afterwards = async () => states.push(told(await everything(vault, id)));
      await vault.relabel(id, [0, 511, 512, 1029], 1);
      await afterwards();
      await vault.deleteRows(id, [1, 2, 600, ...Array.from({ length: 6 }, (_, i) => 1024 + i)]);
      await afterwards();
      await vault.add(id, batchOf(700, 1030));
      await afterwards();
      // Row 511 had this label already.
      expect(states[1]!.filter((row, i) => row !== states[0]![i])).toEqual(['0/1', '512/1', '1029/1']);
      expect(states[2]).toHaveLength(1021);
      expect(states[3]).toHaveLength(1721);

      const reloaded = await (await reopen()).rows(id, 0, 5000);
      expect(told(reloaded)).toEqual(states[3]);
    });

    it.each([
      ['relabelled', (vault: Vault, id: DataSetId) => vault.relabel(id, [0, 511, 512, 1029], 1)],
      ['deleted', (vault: Vault, id: DataSetId) => vault.deleteRows(id, [1, 600, 1024, 1025, 1029])],
      ['added', (vault: Vault, id: DataSetId) => vault.add(id, batchOf(700, 1030))],
    ] as const)('takes back what was %s, as if it had not been', async (kind, change) => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(1030));
      const before = { rows: await everything(vault, id), summary: (await vault.list())[0] };
      await change(vault, id);
      expect(await everything(vault, id)).not.toEqual(before.rows);
      expect(vault.lastChange()).toMatchObject({ kind, dataSetId: id });
      expect(await vault.undo()).toMatchObject({ kind, dataSetId: id });
      expect(await everything(vault, id)).toEqual(before.rows);
      expect((await vault.list())[0]).toEqual(before.summary);
      expect(vault.lastChange()).toMatchObject({ kind: 'created' });
    });

    it('takes back several changes, the newest first, down to the data set itself', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(5));
      await vault.relabel(id, [0], 2);
      await vault.relabel(id, [0], 1);
      await vault.deleteRows(id, [0, 1, 2, 3, 4]);
      await vault.undo();
      expect(told(await everything(vault, id))[0]).toBe('0/1');
      await vault.undo();
      await vault.undo();
      expect(told(await everything(vault, id))[0]).toBe('0/0');
      expect(await vault.undo()).toMatchObject({ kind: 'created', rowCount: 5 });
      expect(await vault.list()).toEqual([]);
      expect(await vault.undo()).toBeNull();
    });

    it('counts a label that a row had already as no change', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(3));
      await vault.relabel(id, [1, 99], 1);
      expect(vault.lastChange()).toMatchObject({ kind: 'created' });
      await expect(vault.relabel(id, [1], 3)).rejects.toMatchObject({ code: 'data-invalid' });
    });

    it('never gives the number of a deleted row to another', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(3));
      await vault.deleteRows(id, [2]);
      await vault.add(id, batchOf(1, 40));
      expect((await everything(vault, id)).numbers).toEqual(Uint32Array.of(0, 1, 3));
    });

    it('deletes one data set, or all, and nothing of them comes back', async () => {
      const { vault, reopen } = await open();
      const one = await vault.create(aSet(), batchOf(600));
      const other = await vault.create(aSet(), batchOf(2));
      await vault.deleteRows(one.id, [0]);
      await vault.deleteDataSet(one.id);
      expect((await vault.list()).map(({ id }) => id)).toEqual([other.id]);
      expect(vault.lastChange()).toMatchObject({ dataSetId: other.id });
      await expect(everything(vault, one.id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(vault.add(one.id, batchOf(1))).rejects.toMatchObject({ code: 'not-found' });
      await vault.deleteAll();
      expect(await (await reopen()).list()).toEqual([]);
      expect(vault.lastChange()).toBeNull();
    });

    it('makes changes that are asked for at once one after another', async () => {
      const { vault } = await open();
      const { id } = await vault.create(aSet(), batchOf(2));
      await Promise.all(Array.from({ length: 8 }, (_, i) => vault.add(id, batchOf(100, 2 + 100 * i))));
      const expected = Array.from({ length: 802 }, (_, row) => `${row}/${row % 3}`);
      expect(sorted(told(await everything(vault, id)))).toEqual(sorted(expected));
    });

    it('tells of changes', async () => {
      const { vault } = await open();
      let heard = 0;
      const stop = vault.onChange(() => {
        heard += 1;
      });
      const { id } = await vault.create(aSet(), batchOf(2));
      await vault.relabel(id, [0], 1);
      expect(heard).toBe(2);
      stop();
      await vault.undo();
      expect(heard).toBe(2);
    });

    it('loads 6,000 images of 28x28, every pixel of them', async () => {
      const { vault, reopen } = await open();
      const schema = { ...images, height: 28, width: 28 };
      const inputs = Uint8Array.from({ length: 6000 * 784 }, (_, i) => (i % 784 < 2 ? (i / 784) % 256 : 7));
      await vault.create(aSet({ schema }), { inputs, rowSize: 784, labels: new Int32Array(6000) });
      const data = privateDataOf(await reopen(), { ...RUN, data: schema });
      const training = await heldTraining(data);
      const heldOut = await data.heldOutExamples();
      expect(training.count + heldOut!.count).toBe(6000);
      expect(training.inputs.length).toBe(training.count * 784);
      expect(training.inputs.every((value, i) => i % 784 < 2 || value === Math.fround(7 / 255))).toBe(true);
    });
  });
}
