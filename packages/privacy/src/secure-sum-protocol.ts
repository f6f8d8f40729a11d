/**
 * What SA-1 and LightSecAgg have in common, for whoever runs all parties of a secure sum in one place: tests, and the
 * benchmark that compares them. Members speak in stages, only with the coordinator, and hear from it between two
 * stages; who is silent in one has dropped out.
 */
import type { SecAggCrypto, Sign } from './secagg/ports.ts';

export interface SecureSumProtocol<Message> {
  readonly name: string;
  /** What members say, in order. */
  readonly stages: readonly string[];
  /** @param input its vectors, asked for when they are masked */
  openMember(identity: MemberIdentity, input: SecretInput): SecureSumMember<Message>;
  openCoordinator(identities: readonly Uint8Array[], crypto: SecAggCrypto): SecureSumCoordinator<Message>;
}

export type SecretInput = () => readonly Int32Array[];

export interface MemberIdentity {
  /** Ed25519 public key, 32 bytes; `sign` signs with it. */
  readonly identity: Uint8Array;
  readonly sign: Sign;
  readonly crypto: SecAggCrypto;
}

export interface SecureSumMember<Message> {
  /**
   * @param heard null at the first stage
   * @returns what it sends at this stage
   * @throws SecAggError when it goes no further
   */
  answer(stage: string, heard: Message | null): Promise<Uint8Array>;
}

export interface SecureSumCoordinator<Message> {
  /** @param member position in the identities, whatever its position in the roster */
  receive(member: number, bytes: Uint8Array): Promise<void>;
  /** @returns what each member that was heard is told next, made when it is asked for; empty after the last stage */
  closeStage(): Promise<ReadonlyMap<number, () => Message | Promise<Message>>>;
  /** After the last stage. @throws SecAggError when the sum stays hidden */
  sum(): Promise<readonly Int32Array[]>;
}

export interface SecureSumOutcome {
  readonly sum: readonly Int32Array[];
  /** For each stage the bytes that each member sent: none by those who had dropped out. */
  readonly uploads: readonly ReadonlyMap<number, number>[];
}

/** One stage on the coordinator's side. */
export interface CoordinatorStage<Message> {
  receive(member: number, bytes: Uint8Array): Promise<void> | void;
  close(): Promise<StageEnd<Message>>;
}

interface StageEnd<Message> {
  readonly told: ReadonlyMap<number, () => Message>;
  /** After the last stage the sum itself. */
  readonly next: CoordinatorStage<Message> | (() => Promise<readonly Int32Array[]>);
}

export function coordinatorOf<Message>(first: CoordinatorStage<Message>): SecureSumCoordinator<Message> {
  let at: StageEnd<Message>['next'] = first;
  return {
    receive: async (member, bytes) => stageNow().receive(member, bytes),
    closeStage: async () => {
      const { told, next } = await stageNow().close();
      at = next;
      return told;
    },
    sum: async () => {
      if (typeof at !== 'function') throw new RangeError('there is no sum before the last stage');
      return at();
    },
  };

  function stageNow(): CoordinatorStage<Message> {
    if (typeof at === 'function') throw new RangeError('there is no stage after the last');
    return at;
  }
}

/**
 * One sum from its beginning to its end, in one process.
 * @param options `dropsOutAt`: the first stage at which a member is silent; null when it stays
 * @throws SecAggError as its parties
 */
export async function runSecureSum<Message>(
  protocol: SecureSumProtocol<Message>,
  options: {
    readonly members: readonly MemberIdentity[];
    readonly inputOf: (member: number) => readonly Int32Array[];
    readonly crypto: SecAggCrypto;
    readonly dropsOutAt: (member: number) => string | null;
  },
): Promise<SecureSumOutcome> {
  const { members, inputOf, crypto, dropsOutAt } = options;
  const coordinator = protocol.openCoordinator(
    members.map(({ identity }) => identity),
    crypto,
  );
  const opened = members.map((member, at) => protocol.openMember(member, () => inputOf(at)));
  const uploads: ReadonlyMap<number, number>[] = [];
  let told: ReadonlyMap<number, () => Message | null | Promise<Message>> = new Map(
    members.map((_, at) => [at, () => null]),
  );
  for (const stage of protocol.stages) {
    const sent = new Map<number, number>();
    for (const [member, tell] of told) {
      if (isSilent(member, stage)) continue;
      const bytes = await opened[member]!.answer(stage, await tell());
      await coordinator.receive(member, bytes);
      sent.set(member, bytes.length);
    }
    uploads.push(sent);
    told = await coordinator.closeStage();
  }
  return { sum: await coordinator.sum(), uploads };

  /** Who was silent once hears no more, so this is the stage itself for all but those lost before. */
  function isSilent(member: number, stage: string): boolean {
    const last = dropsOutAt(member);
    return last !== null && protocol.stages.indexOf(stage) >= protocol.stages.indexOf(last);
  }
}
