import { equalBytes } from '@noble/ciphers/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { membersOf } from '../bitmap.ts';
import { SecAggError } from '../errors.ts';
import type { LaneSum } from '../ports.ts';
import { transcript } from '../transcript.ts';
import { type ClientState, secretsOf } from './client-states.ts';
import { confirmSurvivors, type Survivors } from './confirm-survivors.ts';
import { maskVectors } from './mask-vectors.ts';
import { type Offering, offerKeys } from './offer-keys.ts';
import { openShares, type SharesDelivery } from './open-shares.ts';
import { revealShares, type UnmaskRequest } from './reveal-shares.ts';
import { type CohortPolicy, type RosterAnnouncement, shareSecrets } from './share-secrets.ts';

/** What this device computed of the group that it is summed with. */
export interface SecureGroup {
  readonly cohort: number;
  readonly graph: 'complete' | 'harary';
  /** Neighbours of each member. */
  readonly degree: number;
  readonly shareThreshold: number;
  /** The larger of plan and policy. */
  readonly minimumSurvivors: number;
  /** Null before they are known. */
  readonly survivors: number | null;
}

/**
 * One tab's part in one secure sum, from fresh keys to nothing: secrets are only here and only in memory.
 *
 * Calls wait for each other. The same message again gives the same bytes again; another one in its place is refused
 * with `secagg-equivocation`, and one out of turn with `secagg-stage-mismatch`. A refusal is the end: everything is
 * overwritten, and each later call is refused for the same reason.
 */
export interface SecureSum {
  /** @returns `keysOffered.bytes` */
  offerKeys(): Promise<Uint8Array>;
  /** @returns `sharesSealed.bytes` */
  shareSecrets(message: Omit<RosterAnnouncement, 'policy'>): Promise<Uint8Array>;
  openShares(message: SharesDelivery): Promise<void>;
  /** In place; once, whatever the vectors: two masked with the same masks would give away their difference. */
  maskVectors(vectors: readonly LaneSum[]): Promise<void>;
  /** @returns `survivorsConfirmed.signature` */
  confirmSurvivors(message: Survivors): Promise<Uint8Array>;
  /** @returns `sharesRevealed.bytes` */
  revealShares(message: UnmaskRequest): Promise<Uint8Array>;
  /** Null before the roster is known. */
  group(): SecureGroup | null;
  /** Overwrites what is secret; later calls are refused with `secagg-state-lost`. */
  erase(): void;
}

export function openSecureSum(options: Offering & { readonly policy: CohortPolicy }): SecureSum {
  const { crypto, sign, policy } = options;
  const answers = new Map<string, { readonly asked: Uint8Array; readonly answer: Uint8Array }>();
  let state: ClientState | null = null;
  let ended: SecAggError | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  return {
    offerKeys: () =>
      answerOnce('offer', [], async () => {
        const { state: next, bytes } = await offerKeys(options);
        return { next, answer: bytes };
      }),
    shareSecrets: ({ roster, beacon }) =>
      answerOnce('share', [roster, beacon], async () => {
        const from = at('offered');
        // A copy: the session is read for as long as it lasts, and must not change meanwhile.
        const message = { roster: roster.slice(), beacon: beacon.slice(), policy };
        const { state: next, bytes } = await shareSecrets(from, message, crypto);
        return { next, answer: bytes };
      }),
    openShares: async ({ sharers, bytes }) => {
      await answerOnce('open', [sharers, bytes], async () => ({
        next: await openShares(at('shared'), { sharers, bytes }, crypto),
        answer: NOTHING,
      }));
    },
    maskVectors: (vectors) =>
      inTurn(async () => {
        if (state?.stage !== 'opened' && answers.has('open')) {
          throw new SecAggError('secagg-equivocation', 'a vector was masked in this session before');
        }
        advance(await maskVectors(at('opened'), vectors, crypto));
      }),
    confirmSurvivors: ({ sharers, survivors }) =>
      answerOnce('confirm', [sharers, survivors], async () => {
        const { state: next, signature } = await confirmSurvivors(at('masked'), { sharers, survivors }, sign);
        return { next, answer: signature };
      }),
    // What is revealed was settled by the signed survivors: after a reconnect there may be more signatures under them.
    revealShares: ({ confirmations }) =>
      answerOnce('reveal', [], async () => {
        const { state: next, bytes } = await revealShares(at('confirmed'), { confirmations }, crypto);
        return { next, answer: bytes };
      }),
    group: () => (state === null || state.stage === 'offered' ? null : groupOf(state)),
    erase: () => end(new SecAggError('secagg-state-lost', 'the secrets of this session were erased')),
  };

  function answerOnce(
    question: string,
    message: readonly Uint8Array[],
    proceed: () => Promise<{ next: ClientState; answer: Uint8Array }>,
  ): Promise<Uint8Array> {
    const asked = sha256(transcript(question, message));
    return inTurn(async () => {
      const before = answers.get(question);
      if (before) {
        if (equalBytes(before.asked, asked)) return before.answer.slice();
        throw new SecAggError('secagg-equivocation', `another message to '${question}' than before`);
      }
      const { next, answer } = await proceed();
      advance(next);
      answers.set(question, { asked, answer });
      return answer.slice();
    });
  }

  /** One call at a time, so that two rosters cannot race; and none after the end. */
  function inTurn<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const result = queue.then(async () => {
      if (ended) throw ended;
      try {
        return await call();
      } catch (cause) {
        end(
          cause instanceof SecAggError ? cause : new SecAggError('secagg-state-lost', 'the session failed'),
        );
        throw cause;
      }
    });
    queue = result.catch(() => {});
    return result;
  }

  function at<Stage extends ClientState['stage']>(stage: Stage): Extract<ClientState, { stage: Stage }> {
    if (state?.stage === stage) return state as Extract<ClientState, { stage: Stage }>;
    throw new SecAggError('secagg-stage-mismatch', `this device is at '${state?.stage}', not at '${stage}'`);
  }

  function advance(next: ClientState): void {
    if (ended) {
      overwrite(secretsOf(next));
      throw ended;
    }
    const kept = new Set(secretsOf(next));
    if (state) overwrite(secretsOf(state).filter((secret) => !kept.has(secret)));
    state = next;
  }

  function end(reason: SecAggError): void {
    if (ended) return;
    ended = reason;
    if (state) overwrite(secretsOf(state));
    state = null;
    answers.clear();
  }
}

const NOTHING = new Uint8Array();

function overwrite(secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

function groupOf(state: Exclude<ClientState, { stage: 'offered' }>): SecureGroup {
  const { n, graph } = state.session;
  return {
    cohort: n,
    graph: graph.kind,
    degree: graph.degree,
    shareThreshold: graph.shareThreshold,
    minimumSurvivors: state.minimumSurvivors,
    survivors: 'survivors' in state ? membersOf(state.survivors, n).length : null,
  };
}
