/**
 * One connection of a participant: what it may say, in which order, and what each message does. The socket
 * delivers, this decides; everything that arrives is checked here once.
 */
import { randomBytes } from 'node:crypto';
import {
  type CheckIn,
  type ClientId,
  type ClientMessage,
  type CoordinatorMessage,
  checkInMessage,
  clientMessageSchema,
  deriveClientId,
  type ErrorCode,
  errorCodeOf,
  hexToBytes,
  longestUpdate,
  membersOf,
  PROTOCOL_VERSION,
  type PublicKey,
  type RunId,
  TributaryError,
} from '@tributary/fl-core';
import { SecAggError } from '@tributary/privacy';
import { type Invites, inviteRevoked } from '../admission/invites.ts';
import { isSignedBy } from '../auth/device-signature.ts';
import { nativeSha256 } from '../native-sha256.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { RunSupervisor, UntimedEvent } from '../run/run-supervisor.ts';
import type { SecureSumDesk, StageMessage } from '../secure-sum/secure-sum-desk.ts';
import type { Connection, Connections } from './connections.ts';
import { MESSAGE_RATE, messageAllowance } from './message-allowance.ts';

export interface SessionParts {
  readonly runs: RunRegistry;
  readonly invites: Invites;
  readonly connections: Connections;
  /** Says the type of each message taken, or the code of each one refused. */
  readonly count: (result: string) => void;
  readonly onFault: (error: unknown) => void;
}

export interface ParticipantSession {
  /** Takes anything, throws nothing. Messages of one connection are handled one after another. */
  receive(input: unknown): void;
  /** Refuses without looking: what arrived was not even a message. */
  refuse(code: ErrorCode, message: string): void;
  readonly isCheckedIn: boolean;
  disconnected(): void;
}

/** Trying again will not help: the connection is closed. */
const FATAL: ReadonlySet<ErrorCode> = new Set([
  'protocol-unsupported',
  'ticket-invalid',
  'ticket-expired',
  'identity-invalid',
  'identity-in-use',
  'not-eligible',
  'invite-exhausted',
  'invite-revoked',
  'run-unknown',
  'rate-limited',
]);
/** After these a member's round is over for it. */
const ENDS_ROUND: ReadonlySet<CoordinatorMessage['type']> = new Set([
  'released',
  'roundCommitted',
  'roundAbandoned',
  'comeBack',
]);
/** Messages waiting to be handled; a participant has no reason to send so many ahead of the answers. */
const MAXIMUM_QUEUE = 64;
/** After so many refusals the connection is closed. */
const MAXIMUM_REFUSALS = 50;

interface Membership {
  readonly run: RunSupervisor;
  readonly clientId: ClientId;
  /** Proved once on this connection, which is enough for all of it. */
  readonly publicKey: PublicKey;
  /** It let this device in, and has counted it. */
  readonly inviteId: string;
}

export function openParticipantSession(connection: Connection, parts: SessionParts): ParticipantSession {
  let membership: Membership | null = null;
  const nonce = randomBytes(32).toString('hex');
  let isOpen = true;
  let queued = 0;
  let refusals = 0;
  let turn: Promise<void> = Promise.resolve();
  const allowance = messageAllowance(MESSAGE_RATE);
  let isBarred = false;
  let unwatch: () => void = () => {};
  /** What the rest of the coordinator sees: somebody who is barred is told so once its round is over. */
  const seat: Connection = {
    send(message) {
      connection.send(message);
      if (isBarred && ENDS_ROUND.has(message.type)) sayRevoked();
    },
    close: connection.close,
  };

  const refuse = (code: ErrorCode, message: string): void => {
    if (!isOpen) return;
    refusals += 1;
    parts.count(code);
    const fatal = FATAL.has(code);
    connection.send({ type: 'refused', code, message: message.slice(0, 1000), fatal });
    if (fatal || refusals > MAXIMUM_REFUSALS) connection.close();
  };

  const sayRevoked = (): void => {
    const { code, message } = inviteRevoked();
    refuse(code, message);
  };

  /** The invite that let it in was taken back: it may finish the round it is in, and no more. */
  const bar = async ({ run, clientId }: Membership): Promise<void> => {
    isBarred = true;
    await run.feed({ type: 'clientBarred', clientId });
    const { round } = run.state;
    const isInRound =
      round !== null &&
      membersOf(round).some((member) => member.clientId === clientId && member.stage !== 'dropped');
    if (!isInRound) sayRevoked();
  };

  const checkIn = async (message: CheckIn): Promise<void> => {
    if (message.protocol !== PROTOCOL_VERSION) {
      throw new TributaryError(
        'protocol-unsupported',
        `protocol ${message.protocol}, spoken here is ${PROTOCOL_VERSION}`,
      );
    }
    const { runId, inviteId } = await parts.invites.read(message.ticket);
    const run = parts.runs.get(runId);
    if (!membership) checkSignature(message, { nonce, runId });
    else if (membership.publicKey !== message.publicKey || membership.run !== run) {
      throw new TributaryError('identity-in-use', 'this connection has checked in as somebody else');
    }
    const { minimumExamples } = run.manifest.eligibility;
    if (message.exampleCount < minimumExamples) {
      throw new TributaryError(
        'not-eligible',
        `${message.exampleCount} examples, this run asks for ${minimumExamples}`,
      );
    }
    const clientId = membership?.clientId ?? deriveClientId(message.publicKey);
    if (membership?.inviteId !== inviteId) await parts.invites.admit(inviteId, clientId);
    if (!isOpen) return;
    const member: Membership = { run, clientId, publicKey: message.publicKey, inviteId };
    if (membership?.inviteId !== inviteId) {
      const watched = parts.invites.watch(inviteId, () => void bar(member).catch(parts.onFault));
      unwatch();
      unwatch = watched;
      isBarred = false;
    }
    membership = member;
    parts.connections.attach(run.runId, clientId, seat);
    parts.connections.describe(run.runId, clientId, {
      backend: message.backend,
      exampleCount: message.exampleCount,
    });
    connection.send({ type: 'admitted', runId: run.runId, clientId, manifest: run.manifest });
    await feed(member, { type: 'clientCheckedIn', clientId });
  };

  const feed = async ({ run }: Membership, event: UntimedEvent): Promise<void> => {
    const refusal = await run.feed(event);
    if (refusal) refuse(refusal.code, refusal.message);
  };

  /** What a member says in a stage of the secure sum; when it is wrong, its round goes on without it. */
  const takeStage = async (
    { roundNumber, bytes }: { readonly roundNumber: number; readonly bytes: Uint8Array },
    take: (desk: SecureSumDesk, message: StageMessage) => Promise<UntimedEvent | null>,
  ): Promise<void> => {
    const member = checkedIn();
    const { run, clientId } = member;
    checkRound(run, roundNumber);
    if (!run.secureSum) {
      throw new TributaryError('phase-mismatch', 'this run has no secure aggregation');
    }
    try {
      const event = await take(run.secureSum, { clientId, roundNumber, bytes });
      if (event) await feed(member, event);
    } catch (error) {
      // Whoever says a second thing beside a first that was right is only not heard.
      const isWrong = error instanceof SecAggError && error.code !== 'secagg-equivocation';
      if (isWrong) await run.feed({ type: 'secureSumRefused', clientId, roundNumber });
      throw error;
    }
  };

  const handlers: {
    [Type in ClientMessage['type']]: (
      message: Extract<ClientMessage, { type: Type }>,
    ) => Promise<void> | void;
  } = {
    checkIn,
    progress({ roundNumber, fraction, examplesPerSecond }) {
      const { run, clientId } = checkedIn();
      parts.connections.describe(run.runId, clientId, {
        progress: { roundNumber, fraction, examplesPerSecond: examplesPerSecond ?? 0 },
      });
    },
    ready({ roundNumber, exampleCount, updateHash, updateBytes }) {
      const member = checkedIn();
      checkRound(member.run, roundNumber);
      checkAnnouncedLength(member.run, updateBytes);
      const announcement = { exampleCount, updateHash, updateBytes };
      return feed(member, { type: 'trainingFinished', clientId: member.clientId, roundNumber, announcement });
    },
    keysOffered({ roundNumber, bytes }) {
      const { publicKey } = checkedIn();
      return takeStage({ roundNumber, bytes }, (desk, message) => desk.offerKeys({ ...message, publicKey }));
    },
    sharesSealed: (message) => takeStage(message, (desk, stage) => desk.sealShares(stage)),
    masked({ roundNumber, updateHash, updateBytes }) {
      const member = checkedIn();
      checkRound(member.run, roundNumber);
      checkAnnouncedLength(member.run, updateBytes);
      const announcement = { updateHash, updateBytes };
      return feed(member, { type: 'updateMasked', clientId: member.clientId, roundNumber, announcement });
    },
    survivorsConfirmed: ({ roundNumber, signature }) =>
      takeStage({ roundNumber, bytes: signature }, (desk, stage) => desk.confirmSurvivors(stage)),
    sharesRevealed: (message) => takeStage(message, (desk, stage) => desk.revealShares(stage)),
    evaluated({ modelHash, exampleCount, accuracy }) {
      const { run, clientId } = checkedIn();
      run.countEvaluation(clientId, { modelHash, exampleCount, accuracy });
    },
    withdraw({ roundNumber }) {
      const member = checkedIn();
      checkRound(member.run, roundNumber);
      return feed(member, { type: 'clientWithdrew', clientId: member.clientId, roundNumber });
    },
    leave() {
      const member = checkedIn();
      return feed(member, { type: 'clientLeft', clientId: member.clientId });
    },
  };

  const checkedIn = (): Membership => {
    if (!membership) throw new TributaryError('not-checked-in', 'check in first');
    return membership;
  };

  const handle = async (input: unknown): Promise<void> => {
    try {
      const message = parseMessage(input);
      parts.count(message.type);
      // Own keys only, although the schema admits no other type: this is the door.
      if (Object.hasOwn(handlers, message.type)) await handlers[message.type](message as never);
    } catch (error) {
      const code = errorCodeOf(error);
      if (code === 'internal') parts.onFault(error);
      refuse(code, code === 'internal' ? 'something went wrong here' : (error as Error).message);
    }
  };

  connection.send({ type: 'challenge', nonce });

  return {
    get isCheckedIn() {
      return membership !== null;
    },
    refuse,
    receive(input) {
      if (!allowance.take()) return refuse('rate-limited', 'too many messages');
      if (queued >= MAXIMUM_QUEUE) return refuse('rate-limited', 'too many messages at once');
      queued += 1;
      turn = turn
        .then(() => (isOpen ? handle(input) : undefined))
        // Nothing throws here that we know of; if something did, the messages after it must still be heard.
        .catch(parts.onFault)
        .finally(() => {
          queued -= 1;
        });
    },
    disconnected() {
      isOpen = false;
      unwatch();
      if (!membership) return;
      const { run, clientId } = membership;
      if (!parts.connections.detach(run.runId, clientId, seat)) return;
      run.feed({ type: 'clientDisconnected', clientId }).catch(parts.onFault);
    },
  };
}

function parseMessage(input: unknown): ClientMessage {
  const parsed = clientMessageSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  // Where it is wrong, never what it said.
  const path = parsed.error.issues[0]?.path.map(String).join('.') || 'message';
  throw new TributaryError('message-malformed', `${path.slice(0, 80)}: not as the protocol prescribes`);
}

/** A device is whoever can answer this connection's challenge with its key, for this ticket and this run. */
function checkSignature(
  { protocol, ticket, publicKey, signature }: CheckIn,
  asked: { readonly nonce: string; readonly runId: RunId },
): void {
  const message = checkInMessage({ protocol, ticket, publicKey, ...asked }, nativeSha256);
  if (isSignedBy(hexToBytes(publicKey), { message, signature: hexToBytes(signature) })) return;
  throw new TributaryError(
    'identity-invalid',
    'the signature does not answer the challenge of this connection',
  );
}

/** What is announced is what may be uploaded, stored and read back for its check: never more than a model has. */
function checkAnnouncedLength({ planRules }: RunSupervisor, updateBytes: number): void {
  const { manifest, shapes } = planRules;
  const longest = longestUpdate(manifest, shapes);
  if (updateBytes > longest) {
    throw new TributaryError('frame-too-large', `${updateBytes} bytes, a frame of this model has ${longest}`);
  }
}

function checkRound(run: RunSupervisor, roundNumber: number): void {
  if (run.state.roundNumber !== roundNumber) {
    throw new TributaryError('round-mismatch', `round ${roundNumber} is not the round in progress`);
  }
}
