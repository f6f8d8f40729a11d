/** Private examples in IndexedDB: they survive a reload and never leave the device. */
import { type DBSchema, openDB } from 'idb';
import { randomHex } from '../random-hex.ts';
import { committed } from '../storage/storage-fault.ts';
import { assembleExamples } from './assemble-examples.ts';
import {
  addBatch,
  type ExampleChunk,
  type ExampleInventory,
  emptyInventory,
  trainingCountOf,
} from './example-chunk.ts';
import type { ExampleStore } from './example-store.ts';

const SCHEMA_VERSION = 1;
const INVENTORY = 'inventory';
const SEED_BYTES = 16;

interface ExampleDatabase extends DBSchema {
  inventory: { key: typeof INVENTORY; value: ExampleInventory };
  chunks: { key: number; value: ExampleChunk };
}

/** `collection` names what belongs together, usually the run: examples of one shape. */
export async function openIndexedDbExampleStore(collection: string): Promise<ExampleStore> {
  const db = await openDB<ExampleDatabase>(`tributary-examples-${collection}`, SCHEMA_VERSION, {
    upgrade(created) {
      created.createObjectStore('inventory');
      created.createObjectStore('chunks', { autoIncrement: true });
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  const stores = ['inventory', 'chunks'] as const;
  const storedInventory = async () => (await db.get('inventory', INVENTORY)) ?? emptyInventory('');

  return {
    async put(batch) {
      const transaction = db.transaction(stores, 'readwrite');
      const stored = await transaction.objectStore('inventory').get(INVENTORY);
      const adding = addBatch(stored ?? emptyInventory(randomHex(SEED_BYTES)), batch);
      let next = adding.next();
      // Each chunk waits for the one before, so that the page breathes in between.
      const write = async () => {
        for (; !next.done; next = adding.next()) await transaction.objectStore('chunks').add(next.value);
        await transaction.objectStore('inventory').put(next.value, INVENTORY);
      };
      await committed(transaction, [write()]);
    },
    count: async () => (await storedInventory()).count,
    trainingCount: async () => trainingCountOf(await storedInventory()),
    countsByLabel: async () => (await storedInventory()).countsByLabel,
    async toExampleSet(schema) {
      const transaction = db.transaction(stores);
      const [inventory, chunks] = await Promise.all([
        transaction.objectStore('inventory').get(INVENTORY),
        transaction.objectStore('chunks').getAll(),
      ]);
      return assembleExamples(inventory ?? emptyInventory(''), chunks, schema);
    },
    async clear() {
      const transaction = db.transaction(stores, 'readwrite');
      await committed(
        transaction,
        stores.map((name) => transaction.objectStore(name).clear()),
      );
    },
    close: () => db.close(),
  };
}
