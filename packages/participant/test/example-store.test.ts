import 'fake-indexeddb/auto';
import { type ImageDataSchema, TributaryError } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createMemoryExampleStore, type ExampleStore, openIndexedDbExampleStore } from '../src/index.ts';

const PIXELS = 4;
const images: ImageDataSchema = { kind: 'image', height: 2, width: 2, channels: 1, labels: ['a', 'b', 'c'] };

/** Row r is filled with r mod 256 and labelled r mod 3, so every row tells where it came from. */
function rows(count: number, first = 0) {
  const inputs = new Uint8Array(count * PIXELS);
  for (let row = 0; row < count; row += 1) inputs.fill((first + row) % 256, row * PIXELS, (row + 1) * PIXELS);
  return {
    inputs,
    rowSize: PIXELS,
    labels: Int32Array.from({ length: count }, (_, row) => (first + row) % 3),
  };
}

function exampleStoreContract(
  name: string,
  open: () => Promise<{ store: ExampleStore; reopen: () => Promise<ExampleStore> }>,
): void {
  describe(`${name} as example store`, () => {
    it('counts by label over several imports', async () => {
      const { store } = await open();
      await store.put(rows(4));
      await store.put(rows(3, 4));
      expect(await store.count()).toBe(7);
      expect(new Map([...(await store.countsByLabel())].sort())).toEqual(
        new Map([
          [0, 3],
          [1, 2],
          [2, 2],
        ]),
      );
    });

    it('loses no row, doubles none and keeps each with its label, across chunks and the split', async () => {
      const { store } = await open();
      await store.put(rows(1200));
      await store.put(rows(37, 1200));
      const { training, heldOut } = await store.toExampleSet(images);
      const seen: string[] = [];
      for (const part of [training, heldOut!]) {
        for (let row = 0; row < part.count; row += 1) {
          const pixels = part.inputs.subarray(row * PIXELS, (row + 1) * PIXELS);
          expect(new Set(pixels).size).toBe(1);
          seen.push(`${Math.round(pixels[0]! * 255)}/${part.labels[row]}`);
        }
      }
      const expected = Array.from({ length: 1237 }, (_, row) => `${row % 256}/${row % 3}`);
      expect(seen.sort()).toEqual(expected.sort());
      expect(await store.trainingCount()).toBe(training.count);
    });

    it('scales pixels to [0, 1] and leaves floats as they are', async () => {
      const { store } = await open();
      await store.put({ inputs: Uint8Array.of(0, 51, 102, 255), rowSize: PIXELS, labels: [0] });
      expect((await store.toExampleSet(images)).training.inputs).toEqual(Float32Array.of(0, 0.2, 0.4, 1));
      await store.clear();
      await store.put({ inputs: Float32Array.of(-1, 0.5, 2, 3), rowSize: PIXELS, labels: [0] });
      expect((await store.toExampleSet(images)).training.inputs).toEqual(Float32Array.of(-1, 0.5, 2, 3));
    });

    it('[P-12] holds out about a fifth, and the same rows after a reload and after more are added', async () => {
      const { store, reopen } = await open();
      await store.put(rows(250));
      const before = await store.toExampleSet(images);
      const reopened = await reopen();
      expect(await reopened.toExampleSet(images)).toEqual(before);
      await reopened.put(rows(1750, 250));
      const after = await reopened.toExampleSet(images);
      expect(after.heldOut!.inputs.subarray(0, before.heldOut!.inputs.length)).toEqual(
        before.heldOut!.inputs,
      );
      // 2000 draws at 0.2: six standard deviations are 107, a false alarm once in 5e8 devices.
      expect(Math.abs(after.heldOut!.count - 400)).toBeLessThan(107);
    });

    it('trains on everything while the split would leave nothing to train on', async () => {
      const { store } = await open();
      await store.put(rows(1));
      const { training, heldOut } = await store.toExampleSet(images);
      expect(training.count).toBe(1);
      expect(heldOut).toBeNull();
      expect(await store.trainingCount()).toBe(1);
    });

    it('refuses rows that do not fit, and keeps what was there', async () => {
      const { store } = await open();
      await store.put(rows(3));
      for (const batch of [
        { inputs: new Uint8Array(5), rowSize: 5, labels: [0] },
        { inputs: new Uint8Array(7), rowSize: PIXELS, labels: [0, 1] },
      ]) {
        await expect(store.put(batch)).rejects.toMatchObject({ code: 'data-invalid' });
      }
      expect(await store.count()).toBe(3);
    });

    it('refuses to train with labels or sizes that the task does not know', async () => {
      const { store } = await open();
      await expect(store.toExampleSet(images)).rejects.toMatchObject({ code: 'data-missing' });
      await store.put({ inputs: new Uint8Array(PIXELS), rowSize: PIXELS, labels: [3] });
      await expect(store.toExampleSet(images)).rejects.toBeInstanceOf(TributaryError);
      await expect(store.toExampleSet({ ...images, height: 3 })).rejects.toMatchObject({
        code: 'data-invalid',
      });
    });

    it('erases', async () => {
      const { store, reopen } = await open();
      await store.put(rows(600));
      await store.clear();
      const reopened = await reopen();
      expect(await reopened.count()).toBe(0);
      expect((await reopened.countsByLabel()).size).toBe(0);
      await expect(reopened.toExampleSet(images)).rejects.toMatchObject({ code: 'data-missing' });
    });

    it('loads 6,000 images of 28x28, every pixel of them', async () => {
      const { store, reopen } = await open();
      const count = 6000;
      const inputs = new Uint8Array(count * 784).fill(7);
      await store.put({ inputs, rowSize: 784, labels: new Int32Array(count) });
      const reopened = await reopen();
      const { training } = await reopened.toExampleSet({ ...images, height: 28, width: 28 });
      expect(training.inputs.length).toBe((await reopened.trainingCount()) * 784);
      expect(training.inputs.every((value) => value === Math.fround(7 / 255))).toBe(true);
    });
  });
}

exampleStoreContract('memory', async () => {
  const store = createMemoryExampleStore('device');
  return { store, reopen: async () => store };
});

exampleStoreContract('IndexedDB', async () => {
  const name = `examples-${crypto.randomUUID()}`;
  const store = await openIndexedDbExampleStore(name);
  return {
    store,
    reopen: async () => {
      store.close();
      return openIndexedDbExampleStore(name);
    },
  };
});

it('leaves the event loop a turn between any two chunks while it stores', async () => {
  const store = await openIndexedDbExampleStore(`examples-${crypto.randomUUID()}`);
  let turn = 0;
  const counting = setInterval(() => {
    turn += 1;
  }, 0);
  const { inputs, ...batch } = rows(5 * 512);
  const turns = new Set<number>();
  inputs.slice = (...range) => {
    turns.add(turn);
    // Busy for longer than the timer waits, so that it is due when its turn comes.
    for (const from = performance.now(); performance.now() - from < 3; );
    return Uint8Array.prototype.slice.apply(inputs, range);
  };
  await store.put({ inputs, ...batch });
  clearInterval(counting);
  expect(turns.size).toBe(5);
  expect(await store.count()).toBe(5 * 512);
});
