/**
 * Take part in federated training, from a page or from Node.
 *
 * 1. `fetchJoinInfo` asks what the run is, before anything is consented to.
 * 2. `openIndexedDbVault` keeps the person's data sets on the device; `privateDataOf` offers those that fit for training.
 * 3. `createParticipant` joins: `start()`, `pause()`, `resume()`, `leave()`, `dispose()`; it tells `state`,
 *    `progress`, `evaluation`, `ledger` and `error` through `on(event, listener)`.
 */
export { trainingCountOf } from './data/assemble-examples.ts';
export type * from './data/data-set.ts';
export type { EarlierRun } from './data/earlier-examples.ts';
export { fitToModel } from './data/fit-to-model.ts';
export { deleteIndexedDbVault, type IndexedDbVault, openIndexedDbVault } from './data/indexed-db-vault.ts';
export { createMemoryVault } from './data/memory-vault.ts';
export { dataSetsInUse, privateDataOf, type RunData } from './data/private-data-of.ts';
export { isSameSchema } from './data/same-schema.ts';
export type * from './data/vault.ts';
export type { UpdateEncoder } from './encoding/update-encoder.ts';
export { createWorkerEncoder } from './encoding/worker-encoder.ts';
export { type DeviceIdentity, openDeviceIdentity } from './identity/device-identity.ts';
export { createPlainDeviceKey, type DeviceKey, verifySignature } from './identity/device-key.ts';
export { KEEP_BOUNDS, type KeepBounds } from './ledger/kept-payloads.ts';
export type * from './ledger/ledger-entry.ts';
export { createParticipant } from './participant.ts';
export type * from './participant-events.ts';
export type * from './participant-options.ts';
export { type Clock, systemClock } from './ports/clock.ts';
export type * from './ports/participant-storage.ts';
export type * from './ports/private-data.ts';
export { LEAST_COHORT, type SecureSumPolicy, USUAL_COHORT } from './secure-sum/policy.ts';
export type * from './secure-sum/report.ts';
export { type IndexedDbStorage, openIndexedDbStorage } from './storage/indexed-db-storage.ts';
export { createMemoryStorage } from './storage/memory-storage.ts';
export type * from './transport/control-channel.ts';
export { fetchJoinInfo, type JoinInfoRequest } from './transport/fetch-join-info.ts';
export { fetchSharedModel, type SharedModelRequest } from './transport/fetch-shared-model.ts';
export type { Subscribable } from './typed-emitter.ts';
