/**
 * One session of one device: the stages in their order, each answered once. The same message again gives the very same bytes; another one in
 * its place is refused, since a second answer under the same keys would tell more than one sum.
 */
import { equalBytes } from '@noble/ciphers/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { CohortPolicy } from '../../secagg/client/share-secrets.ts';
import { SecAggError } from '../../secagg/errors.ts';
import type { SecAggCrypto, Sign } from '../../secagg/ports.ts';
import { transcript } from '../../secagg/transcript.ts';
import type { LightTask } from '../task.ts';
import { type Masked, maskValues } from './mask-values.ts';
import { type Offered, offerKey } from './offer-key.ts';
import { type Opened, openShares } from './open-shares.ts';
import { type Shared, shareOwnMask } from './share-own-mask.ts';
import { sumShares } from './sum-shares.ts';

/** Calls wait for each other. After a refusal everything is erased. */
export interface LightSum {
  offerKey(): Promise<Uint8Array>;
  shareMask(message: { readonly roster: Uint8Array }): Promise<Uint8Array>;
  openShares(message: { readonly sharers: Uint8Array; readonly bytes: Uint8Array }): Promise<void>;
  /** Once: a second call refuses. */
  maskValues(values: Int32Array): Promise<Uint8Array>;
  sumShares(message: { readonly survivors: Uint8Array }): Promise<Uint8Array>;
  /** Later calls refuse with `secagg-state-lost`. */
  erase(): void;
}

type State =
  | { readonly stage: 'new' }
  | ({ readonly stage: 'offered' } & Offered)
  | ({ readonly stage: 'shared' } & Shared)
  | ({ readonly stage: 'opened' } & Opened)
  | ({ readonly stage: 'masked' } & Masked)
  | { readonly stage: 'answered' }
  | { readonly stage: 'erased' };

type Stage<Name extends State['stage']> = Extract<State, { readonly stage: Name }>;

const NOTHING = new Uint8Array();

export function openLightSum(options: {
  readonly task: LightTask;
  /** Ed25519 public key of the device, 32 bytes; `sign` signs with it. */
  readonly identity: Uint8Array;
  readonly sign: Sign;
  readonly crypto: SecAggCrypto;
  readonly policy: CohortPolicy;
}): LightSum {
  const { task, crypto, policy } = options;
  const answers = new Map<State['stage'], { readonly asked: Uint8Array; readonly bytes: Uint8Array }>();
  let state: State = { stage: 'new' };
  let queue: Promise<unknown> = Promise.resolve();

  /** One call at a time, so that two rosters cannot race; a refusal is the end. */
  function inTurn<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const result = queue.then(async () => {
      try {
        return await call();
      } catch (error) {
        erase();
        throw error;
      }
    });
    queue = result.catch(() => {});
    return result;
  }

  /** From stage `from`, which the question ends; an answer given before is given again. */
  function answerOnce<Name extends State['stage']>(
    from: Name,
    question: readonly Uint8Array[],
    work: (state: Stage<Name>) => Promise<{ state: State; bytes: Uint8Array }>,
  ): Promise<Uint8Array> {
    return inTurn(async () => {
      const asked = sha256(transcript(from, question));
      const before = answers.get(from);
      if (before) {
        if (equalBytes(before.asked, asked)) return before.bytes;
        throw new SecAggError('secagg-equivocation', 'two different questions for one answer');
      }
      const answer = await work(at(from));
      state = answer.state;
      answers.set(from, { asked, bytes: answer.bytes });
      return answer.bytes;
    });
  }

  function at<Name extends State['stage']>(stage: Name): Stage<Name> {
    if (state.stage === stage) return state as Stage<Name>;
    if (state.stage === 'erased') throw new SecAggError('secagg-state-lost', 'the secrets are erased');
    throw new SecAggError('secagg-stage-mismatch', `this device is at '${state.stage}', not at '${stage}'`);
  }

  function erase(): void {
    if ('channelSecret' in state) state.channelSecret.fill(0);
    if ('agreed' in state) for (const secret of state.agreed) secret?.fill(0);
    if ('mask' in state) state.mask.fill(0);
    if ('ownShare' in state) state.ownShare.fill(0);
    if ('shares' in state) for (const share of state.shares.values()) share.fill(0);
    answers.clear();
    state = { stage: 'erased' };
  }

  return {
    offerKey: () =>
      answerOnce('new', [], async () => {
        const { state: offered, bytes } = await offerKey(task, options);
        return { state: { ...offered, stage: 'offered' }, bytes };
      }),
    shareMask: ({ roster }) =>
      answerOnce('offered', [roster], async (offered) => {
        const { state: shared, bytes } = await shareOwnMask(offered, { roster, policy }, crypto);
        offered.channelSecret.fill(0);
        return { state: { ...shared, stage: 'shared' }, bytes };
      }),
    openShares: async (message) => {
      await answerOnce('shared', [message.sharers, message.bytes], async (shared) => {
        const opened = await openShares(shared, message, crypto);
        for (const secret of shared.agreed) secret?.fill(0);
        return { state: { ...opened, stage: 'opened' }, bytes: NOTHING };
      });
    },
    maskValues: (values) =>
      inTurn(async () => {
        if (state.stage !== 'opened' && answers.has('shared')) {
          throw new SecAggError('secagg-equivocation', 'a second input under one mask');
        }
        const opened = at('opened');
        const { state: masked, bytes } = maskValues(opened, values);
        opened.mask.fill(0);
        state = { ...masked, stage: 'masked' };
        return bytes;
      }),
    sumShares: (message) =>
      answerOnce('masked', [message.survivors], async (masked) => {
        const bytes = sumShares(masked, message);
        for (const share of masked.shares.values()) share.fill(0);
        return { state: { stage: 'answered' }, bytes };
      }),
    erase,
  };
}
