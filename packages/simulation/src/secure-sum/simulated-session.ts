/** A participant's part in the secure sum of one round: the very session of the deployed tab. */
import {
  type AdditiveUpdate,
  additiveFrame,
  type BlobHash,
  blobHashOf,
  type CoordinatorMessage,
  parameterShapes,
  type RunId,
  roundCode,
  type SumEncoding,
  sumTask,
  type UpdateAnnouncement,
} from '@tributary/fl-core';
import { openSecureSum, type SecAggCrypto } from '@tributary/privacy';
import type { World } from '../world.ts';
import type { SeededDevice } from './seeded-crypto.ts';

type Message<Type extends CoordinatorMessage['type']> = Extract<CoordinatorMessage, { type: Type }>;

export interface SimulatedSession {
  readonly roundNumber: number;
  offerKeys(): Promise<Uint8Array>;
  shareSecrets(message: Message<'rosterClosed'>): Promise<Uint8Array>;
  /** Masks the update, once, and announces the frame. */
  mask(message: Message<'sharesDelivered'>, update: AdditiveUpdate): Promise<MaskedUpdate>;
  confirmSurvivors(message: Message<'survivorsClosed'>): Promise<Uint8Array>;
  revealShares(message: Message<'unmaskRequested'>): Promise<Uint8Array>;
}

export interface MaskedUpdate {
  readonly announcement: UpdateAnnouncement;
  readonly frame: Uint8Array;
}

/** Who takes part in a simulation asks for no more than its plan does. */
const NO_POLICY = { minimumCohort: 3, minimumSurvivors: 3 };

export function openSimulatedSession(
  { manifest, sha256 }: World,
  round: {
    readonly runId: RunId;
    readonly roundNumber: number;
    readonly modelHash: BlobHash;
    readonly modelLog: BlobHash;
    readonly encoding: SumEncoding | null;
  },
  { device, crypto }: { readonly device: SeededDevice; readonly crypto: SecAggCrypto },
): SimulatedSession {
  const shapes = parameterShapes(manifest.model);
  const sum = openSecureSum({
    task: sumTask(manifest, round),
    identity: device.publicKey,
    sign: device.sign,
    crypto,
    policy: NO_POLICY,
  });
  let masked: MaskedUpdate | null = null;
  return {
    roundNumber: round.roundNumber,
    offerKeys: () => sum.offerKeys(),
    shareSecrets: ({ bytes, beacon }) => sum.shareSecrets({ roster: bytes, beacon }),
    async mask({ sharers, bytes }, update) {
      await sum.openShares({ sharers, bytes });
      if (masked) return masked;
      await sum.maskVectors(update);
      const frame = additiveFrame(update, { manifest, shapes, round: roundCode(round) });
      const updateHash = blobHashOf(frame, sha256);
      masked = { announcement: { updateHash, updateBytes: frame.length }, frame };
      return masked;
    },
    confirmSurvivors: ({ sharers, survivors }) => sum.confirmSurvivors({ sharers, survivors }),
    revealShares: ({ bytes }) => sum.revealShares({ confirmations: bytes }),
  };
}
