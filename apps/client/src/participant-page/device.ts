/** What this browser offers the page, and the places on it where examples and records are kept. */
import {
  createMemoryExampleStore,
  createMemoryStorage,
  type ExampleStore,
  openIndexedDbExampleStore,
  openIndexedDbStorage,
  type ParticipantStorage,
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

/** Examples are kept apart by run: runs differ in shape and labels. */
export async function openExamples(runId: string, { durable }: DeviceRecords): Promise<ExampleStore> {
  if (!durable) return createMemoryExampleStore(randomSeed());
  // Asks the browser not to clear the examples when space runs low; it may say no.
  void navigator.storage?.persist?.().catch(() => false);
  return openIndexedDbExampleStore(runId);
}

/** Not `crypto.randomUUID`: browsers have that one only on secure addresses, and this page works on others too. */
export function randomSeed(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
