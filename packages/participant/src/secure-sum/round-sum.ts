/**
 * This device's part in the secure sum of one round. What is secret (the model delta; keys, seeds and shares of the
 * session) is here only, in memory: a reload loses it, and with it this device's part. The masked frame is stored with
 * the mark that its round is spent before it is announced, so that no second one can ever be made.
 */
import {
  type BlobHash,
  type ClientId,
  type CoordinatorMessage,
  hexToBytes,
  type RunId,
  roundCode,
  type SumEncoding,
  sumTask,
  type TaskManifest,
  type UpdateAnnouncement,
} from '@tributary/fl-core';
import { type CohortPolicy, openSecureSum, SecAggError, type SecureGroup } from '@tributary/privacy';
import type { UpdateEncoder } from '../encoding/update-encoder.ts';
import { hashOf } from '../hashing.ts';
import { openDeviceIdentity } from '../identity/device-identity.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import type { LocalUpdate } from '../round/local-update.ts';
import { ringFrame } from '../round/ring-update.ts';
import type { SecureSumPolicy } from './policy.ts';
import type { SecureSumReport } from './report.ts';
import { openWebCrypto } from './web-crypto.ts';

type Message<Type extends CoordinatorMessage['type']> = Extract<CoordinatorMessage, { type: Type }>;

export interface RoundSum {
  readonly roundNumber: number;
  /** Each may be asked again with the same message, and answers with the same bytes. */
  offerKeys(): Promise<Uint8Array>;
  shareSecrets(message: Message<'rosterClosed'>): Promise<Uint8Array>;
  maskUpdate(message: Message<'sharesDelivered'>): Promise<UpdateAnnouncement>;
  confirmSurvivors(message: Message<'survivorsClosed'>): Promise<Uint8Array>;
  revealShares(message: Message<'unmaskRequested'>): Promise<Uint8Array>;
  /** As this device computed it; also after a refusal. Null before the roster. */
  group(): SecureGroup | null;
  /** Overwrites what is secret. */
  erase(): void;
}

export interface RoundSumOptions {
  readonly runId: RunId;
  readonly manifest: TaskManifest;
  readonly roundNumber: number;
  readonly modelHash: BlobHash;
  readonly modelLog: BlobHash;
  /** As this device was told; null where the manifest fixes all of it. */
  readonly encoding: SumEncoding | null;
  readonly clientId: ClientId;
  /** Overwritten once it is masked. */
  readonly update: LocalUpdate;
  readonly encoder: UpdateEncoder;
  readonly storage: ParticipantStorage;
  readonly policy: SecureSumPolicy;
  readonly report: (report: SecureSumReport) => void;
}

/** @throws SecAggError `secagg-state-lost` when the round is spent: another tab, or an earlier visit, was in its sum */
export async function openRoundSum(options: RoundSumOptions): Promise<RoundSum> {
  const { runId, manifest, roundNumber, clientId, encoder, storage, policy, report } = options;
  if ((await storage.spentRound(runId)) >= roundNumber) throw isSpent();
  const identity = await openDeviceIdentity(storage);
  const sum = openSecureSum({
    task: sumTask(manifest, options),
    identity: hexToBytes(identity.publicKey),
    sign: identity.sign,
    crypto: await openWebCrypto(),
    policy: inForce(policy),
  });
  let update: LocalUpdate | null = options.update;
  let announcement: Promise<UpdateAnnouncement> | null = null;
  /** A session that refused forgets it. */
  let group: SecureGroup | null = null;

  return {
    roundNumber,
    offerKeys: () => guarded(() => sum.offerKeys()),
    shareSecrets: ({ bytes, beacon }) =>
      guarded(async () => {
        const sealed = await sum.shareSecrets({ roster: bytes, beacon });
        tell('sharing');
        return sealed;
      }),
    maskUpdate: ({ sharers, bytes }) =>
      guarded(async () => {
        await sum.openShares({ sharers, bytes });
        if (!announcement) tell('masking');
        announcement ??= mask();
        return announcement;
      }),
    confirmSurvivors: ({ sharers, survivors }) =>
      guarded(async () => {
        const signature = await sum.confirmSurvivors({ sharers, survivors });
        tell('confirming');
        return signature;
      }),
    revealShares: ({ bytes }) =>
      guarded(async () => {
        const shares = await sum.revealShares({ confirmations: bytes });
        tell('revealed');
        return shares;
      }),
    group: () => group,
    erase() {
      sum.erase();
      forgetUpdate();
    },
  };

  async function mask(): Promise<UpdateAnnouncement> {
    if (!update) throw new SecAggError('secagg-state-lost', 'the update is no longer on this device');
    const { exampleCount } = update;
    const round = { manifest, roundNumber, clientId, round: roundCode(options) };
    const memory = await storage.loadMemory(runId);
    const { update: vectors, pending } = await encoder.vectors(update, { ...round, memory });
    forgetUpdate();
    await sum.maskVectors(vectors);
    const frame = ringFrame(vectors, round);
    const updateHash = await hashOf(frame);
    const isFirst = await storage.spendRound(
      { runId, roundNumber, updateHash, exampleCount, frame },
      pending,
    );
    if (!isFirst) throw isSpent();
    return { updateHash, updateBytes: frame.length };
  }

  function forgetUpdate(): void {
    const values = update?.modelDelta.values;
    // An encoder in a worker took it away: an array without its buffer has no length, and refuses to be filled.
    if (values && values.length > 0) values.fill(0);
    update = null;
  }

  async function guarded<Answer>(proceed: () => Promise<Answer>): Promise<Answer> {
    try {
      return await proceed();
    } catch (error) {
      forgetUpdate();
      throw error;
    }
  }

  function tell(stage: 'sharing' | 'masking' | 'confirming' | 'revealed'): void {
    group = sum.group();
    report({ roundNumber, group, stage });
  }
}

/** Of survivors, too: they are the group that the update disappears in. Read when it counts; the person may change it. */
function inForce(policy: SecureSumPolicy): CohortPolicy {
  return {
    get minimumCohort() {
      return policy.minimumCohort;
    },
    get minimumSurvivors() {
      return policy.minimumCohort;
    },
  };
}

const isSpent = () =>
  new SecAggError('secagg-state-lost', 'this device has sent a masked update in this round before');
