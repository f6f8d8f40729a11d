/** What this browser offers the page, and the places on it where examples and records are kept. */
import {
  createMemoryStorage,
  createMemoryVault,
  type DataSetId,
  deleteIndexedDbVault,
  type EarlierRun,
  openIndexedDbStorage,
  openIndexedDbVault,
  type ParticipantStorage,
  type Vault,
} from '@tributary/participant';

interface DeviceAbilities {
  readonly secureContext: boolean;
  readonly workers: boolean;
  readonly webGpu: boolean;
}

export function deviceAbilities(): DeviceAbilities {
  return {
    secureContext: globalThis.isSecureContext,
    workers: 'Worker' in globalThis,
    webGpu: 'gpu' in navigator,
  };
}

export interface DeviceRecords {
  readonly storage: ParticipantStorage;
  /** Whether records and examples outlive the page. Some private windows have no IndexedDB. */
  readonly durable: boolean;
}

export async function openDeviceRecords(): Promise<DeviceRecords> {
  try {
    return { storage: await openIndexedDbStorage(), durable: true };
  } catch {
    return { storage: createMemoryStorage(), durable: false };
  }
}

/** One vault for all runs of this address: each trains on the data sets that were made for its schema. */
export async function openVault({ durable }: DeviceRecords, run: EarlierRun): Promise<Vault> {
  if (!durable) return createMemoryVault();
  const vault = await openIndexedDbVault();
  // Examples from before there were data sets stay where they are, until there is room for them here.
  await vault.adoptEarlierExamples(run).catch(() => null);
  return vault;
}

/** With the last data set, everything else goes that was kept for data sets. @returns how many stay */
export async function eraseDataSets(
  vault: Vault,
  ids: readonly DataSetId[],
  { durable }: Pick<DeviceRecords, 'durable'>,
): Promise<number> {
  for (const id of ids) await vault.deleteDataSet(id);
  const kept = (await vault.list()).length;
  if (kept > 0) return kept;
  await vault.deleteAll();
  vault.close();
  // Some private windows have no IndexedDB to delete from.
  if (durable) await deleteIndexedDbVault();
  return 0;
}

/** Not `crypto.randomUUID`: browsers have that one only on secure addresses, and this page works on others too. */
export function randomSeed(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
