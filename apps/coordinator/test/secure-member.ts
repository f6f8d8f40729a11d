/**
 * A member of secure sums made by hand for these tests: like a tab that stays open, it keeps its session in memory, finds
 * its way back after each death of the coordinator, and answers what it is asked. It may be told to misbehave.
 */
import { createHash } from 'node:crypto';
import {
  type AdditiveUpdate,
  additiveCode,
  additiveFrame,
  type BlobHash,
  blobHashOf,
  type ClientId,
  type CoordinatorMessage,
  coordinatorMessageSchema,
  hexToBytes,
  parameterCount,
  parameterShapes,
  type RoundCode,
  type RunId,
  roundCode,
  SOCKET_PATH,
  seededRandom,
  sumTask,
  type TaskManifest,
} from '@tributary/fl-core';
import { openSecureSum, SecAggError, type SecureSum } from '@tributary/privacy';
import { io, type Socket } from 'socket.io-client';
import { nativeSha256 } from '../src/native-sha256.ts';
import { openNodeCrypto } from '../src/secure-sum/node-crypto.ts';
import { type HandMadeIdentity, handMadeIdentity } from './hand-made-identity.ts';
import { putUpdate } from './participant-driver.ts';

/** What a member does, in the order of a round. */
const STAGES = ['offer', 'seal', 'mask', 'upload', 'confirm', 'reveal'] as const;
export type Stage = (typeof STAGES)[number];

export interface Conduct {
  /** Before it does this; it does not when this resolves with false. */
  readonly before?: (stage: Stage, roundNumber: number, member: SecureMember) => Promise<boolean> | boolean;
  /** Other bytes than those that it should send. */
  readonly alter?: (stage: Stage, bytes: Uint8Array, member: SecureMember) => Uint8Array;
  /** Something else than it learnt. */
  readonly tamper?: (update: AdditiveUpdate) => void;
}

export interface SecureMember {
  readonly identity: HandMadeIdentity;
  readonly name: string;
  /** What it heard of rounds. */
  readonly outcomes: ReadonlyMap<
    number,
    Extract<CoordinatorMessage, { type: 'roundCommitted' | 'roundAbandoned' }>
  >;
  readonly messages: readonly CoordinatorMessage[];
  /** Secrets that passed through it: hex digits, to look for where they must not be. */
  readonly secrets: readonly string[];
  /** How its uploads were answered. */
  readonly uploads: readonly {
    readonly roundNumber: number;
    readonly status: number;
    readonly code?: string;
  }[];
  /** Codes with which its own rules refused to go on. */
  readonly refusals: readonly string[];
  connect(url: string): void;
  disconnect(): void;
  say(message: object): void;
  /** The bytes of its masked frame in the round in progress. */
  frame(): Uint8Array | null;
  readonly ended: Promise<BlobHash>;
}

const crypto = openNodeCrypto();
const POLICY = { minimumCohort: 3, minimumSurvivors: 3 };

export function secureMember(options: {
  readonly name: string;
  readonly runId: RunId;
  readonly ticket: string;
  readonly manifest: TaskManifest;
  readonly conduct?: Conduct;
}): SecureMember {
  const { name, runId, ticket, manifest, conduct = {} } = options;
  const identity = handMadeIdentity(`secure ${name}`);
  const outcomes = new Map<
    number,
    Extract<CoordinatorMessage, { type: 'roundCommitted' | 'roundAbandoned' }>
  >();
  const messages: CoordinatorMessage[] = [];
  const secrets: string[] = [identity.secret];
  const refusals: string[] = [];
  const uploads: { roundNumber: number; status: number; code?: string }[] = [];
  let round: {
    readonly roundNumber: number;
    readonly sum: SecureSum;
    readonly update: AdditiveUpdate;
    readonly coded: RoundCode;
  } | null = null;
  let frame: Uint8Array | null = null;
  let socket: Socket | null = null;
  let nonce = '';
  let end: (hash: BlobHash) => void = () => {};
  const ended = new Promise<BlobHash>((resolve) => {
    end = resolve;
  });

  const perform = async (stage: Stage, roundNumber: number, work: () => Promise<void>): Promise<void> => {
    if ((await conduct.before?.(stage, roundNumber, member)) === false) return;
    await work();
  };
  const altered = (stage: Stage, bytes: Uint8Array): Uint8Array =>
    conduct.alter?.(stage, bytes, member) ?? bytes;

  const receive = async (url: string, message: CoordinatorMessage): Promise<void> => {
    messages.push(message);
    if (message.type === 'challenge') {
      nonce = message.nonce;
      return checkIn();
    }
    if (message.type === 'comeBack') return void setTimeout(checkIn, 100);
    if (message.type === 'runEnded') return end(message.modelHash);
    if (message.type === 'roundCommitted' || message.type === 'roundAbandoned') {
      outcomes.set(message.roundNumber, message);
      return;
    }
    if (!('roundNumber' in message)) return;
    const { roundNumber } = message;
    if (message.type === 'invited') {
      if (round?.roundNumber !== roundNumber) begin(message);
      return perform('offer', roundNumber, async () => {
        const bytes = altered('offer', await round!.sum.offerKeys());
        member.say({ type: 'keysOffered', roundNumber, bytes });
      });
    }
    if (round?.roundNumber !== roundNumber) return;
    const { sum, update, coded } = round;
    switch (message.type) {
      case 'rosterClosed':
        return perform('seal', roundNumber, async () => {
          const sealed = await sum.shareSecrets({ roster: message.bytes, beacon: message.beacon });
          member.say({ type: 'sharesSealed', roundNumber, bytes: altered('seal', sealed) });
        });
      case 'sharesDelivered':
        return perform('mask', roundNumber, async () => {
          await sum.openShares(message);
          if (!frame) {
            conduct.tamper?.(update);
            await sum.maskVectors(update);
            frame = altered(
              'mask',
              additiveFrame(update, {
                manifest,
                shapes: parameterShapes(manifest.model),
                round: coded,
              }),
            );
          }
          const updateHash = blobHashOf(frame, nativeSha256);
          member.say({ type: 'masked', roundNumber, updateHash, updateBytes: frame.length });
        });
      case 'uploadGranted':
        return perform('upload', roundNumber, () => upload(url, message.uploadTicket, roundNumber));
      case 'survivorsClosed':
        return perform('confirm', roundNumber, async () => {
          const signature = altered('confirm', await sum.confirmSurvivors(message));
          member.say({ type: 'survivorsConfirmed', roundNumber, signature });
        });
      case 'unmaskRequested':
        return perform('reveal', roundNumber, async () => {
          const bytes = await sum.revealShares({ confirmations: message.bytes });
          for (let at = 0; at < bytes.length; at += 32) {
            secrets.push(Buffer.from(bytes.subarray(at, at + 32)).toString('hex'));
          }
          member.say({ type: 'sharesRevealed', roundNumber, bytes: altered('reveal', bytes) });
        });
      default:
        return;
    }
  };

  /** As its own rules say: this round is over for it. */
  const giveUp = (error: unknown): void => {
    if (!(error instanceof SecAggError) || !round) return;
    refusals.push(error.code);
    member.say({ type: 'withdraw', roundNumber: round.roundNumber, reason: 'secure-sum-refused' });
  };

  const begin = ({
    roundNumber,
    modelHash,
    modelLog,
    encoding: told,
  }: Extract<CoordinatorMessage, { type: 'invited' }>): void => {
    frame = null;
    const encoding = told ?? null;
    const coded = roundCode({ runId, roundNumber, modelHash, encoding });
    round = {
      roundNumber,
      coded,
      update: clearUpdate(manifest, { name, modelHash, coded }),
      sum: openSecureSum({
        task: sumTask(manifest, { runId, roundNumber, modelHash, modelLog, encoding }),
        identity: hexToBytes(identity.publicKey),
        sign: identity.sign,
        crypto: {
          ...crypto,
          randomBytes(length) {
            const drawn = crypto.randomBytes(length);
            if (length === 32) secrets.push(Buffer.from(drawn).toString('hex'));
            return drawn;
          },
        },
        policy: POLICY,
      }),
    };
  };

  const upload = async (url: string, ticket: string, roundNumber: number): Promise<void> => {
    const bytes = altered('upload', frame!);
    const response = await putUpdate(url, ticket, bytes);
    const { code } = (await response.json()) as { code?: string };
    uploads.push({ roundNumber, status: response.status, ...(code !== undefined && { code }) });
  };

  const checkIn = (): void => {
    const answer = identity.answer(nonce, ticket);
    const { minimumExamples } = manifest.eligibility;
    member.say({ type: 'checkIn', protocol: 1, ...answer, exampleCount: minimumExamples, backend: 'plain' });
  };

  const member: SecureMember = {
    identity,
    name,
    outcomes,
    messages,
    secrets,
    uploads,
    refusals,
    ended,
    frame: () => frame,
    say: (message) => {
      if (socket?.connected) socket.emit('message', message);
    },
    connect(url) {
      socket = io(url, {
        path: SOCKET_PATH,
        transports: ['websocket'],
        forceNew: true,
        reconnectionDelay: 50,
        reconnectionDelayMax: 200,
      });
      let turn: Promise<unknown> = Promise.resolve();
      // A dead coordinator is met again after the reconnect; whatever was under way then starts anew.
      socket.on('message', (message) => {
        turn = turn.then(() => receive(url, coordinatorMessageSchema.parse(message))).catch(giveUp);
      });
    },
    disconnect: () => void socket?.disconnect(),
  };
  return member;
}

export const EXAMPLES_OF_A_MEMBER = 10;
/** Nothing of these plans is drawn anew for each round. */
export const UNTUNED: RoundCode = { seed: new Uint8Array(32), encoding: null };

/** What a member of this name adds to the sum: a function of the model, so that the next one can be calculated. */
export function clearUpdate(
  manifest: TaskManifest,
  {
    name,
    modelHash,
    coded = UNTUNED,
  }: { readonly name: string; readonly modelHash: BlobHash; readonly coded?: RoundCode },
): AdditiveUpdate {
  const shapes = parameterShapes(manifest.model);
  const draws = seededRandom(`${name} ${modelHash}`);
  const shift = createHash('sha256').update(`${name} ${modelHash}`).digest();
  const delta = Float32Array.from({ length: parameterCount(shapes) }, (_, i) => (shift[i % 32]! - 128) / 512);
  const code = additiveCode(delta, {
    ...{ manifest, shapes, round: coded, clientId: '0'.repeat(32) as ClientId },
    exampleCount: EXAMPLES_OF_A_MEMBER,
    evaluation: { exampleCount: 4, accuracy: 0.75, loss: 0.5 },
    random: {
      fill(words) {
        for (let i = 0; i < words.length; i += 1) words[i] = draws.nextUint32();
      },
    },
  });
  return code.update;
}
