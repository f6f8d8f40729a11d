import 'fake-indexeddb/auto';
import { expect, it, vi } from 'vitest';
import { createMemoryStorage, openIndexedDbStorage } from '../src/index.ts';
import { storageContract } from './storage.contract.ts';

storageContract('memory', async () => {
  const storage = createMemoryStorage();
  return { storage, reopen: async () => storage };
});

storageContract('IndexedDB', async () => {
  const name = `storage-${crypto.randomUUID()}`;
  const storage = await openIndexedDbStorage(name);
  return {
    storage,
    reopen: async () => {
      storage.close();
      return openIndexedDbStorage(name);
    },
  };
});

it('says storage-full when the device has no room left', async () => {
  const storage = await openIndexedDbStorage('full');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
    // A full disk shows at commit: the transaction aborts with this error (W3C IndexedDB 3.0, section 5.4).
    const { transaction } = this;
    Object.defineProperty(transaction, 'error', { value: new DOMException('full', 'QuotaExceededError') });
    queueMicrotask(() => transaction.abort());
    return this.get(0);
  });
  await expect(storage.saveParticipation('run-one' as never, {} as never)).rejects.toMatchObject({
    code: 'storage-full',
  });
  put.mockRestore();
});
