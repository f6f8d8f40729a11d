/**
 * The coordinator's side of the aggregation thread: everything that reads whole models and updates happens there, so
 * that the event loop never waits for numbers.
 */
import {
  type BlobHash,
  isClearCode,
  parameterCount,
  parameterShapes,
  type Survivor,
  type TaskManifest,
  TributaryError,
} from '@tributary/fl-core';
import type { Unmasking } from '../secure-sum/unmasking.ts';
import type { BlobLocation } from '../storage/blob-store.ts';
import { builtWorker, openThread } from '../threads/thread.ts';
import { byteBudget } from './byte-budget.ts';
import { nameOf } from './held-updates.ts';
import type {
  AggregationAnswer,
  AggregationQuestion,
  Candidate,
  FirstModelRules,
  HashedBytes,
  LocatedSurvivor,
  NextModel,
  SumName,
  SumRules,
  UnusableSum,
} from './questions.ts';

export type PlanRules = Omit<SumRules, 'round'>;

/** An update whose numbers are right, while its round decides about it. Settle it exactly once, by either. */
export interface CheckedUpdate {
  fold(): void;
  drop(): void;
}

export interface Aggregation {
  /**
   * Waits while too many checked updates are undecided.
   * @throws TributaryError `update-hash-mismatch` when the bytes are not those announced, another `frame-*` or
   * `update-*` code when they never can be right
   */
  check(question: {
    sum: SumName;
    rules: SumRules;
    candidate: Candidate;
    at: BlobLocation;
  }): Promise<CheckedUpdate>;
  /**
   * The next model and what is kept to oneself of it (`optimiser`), from exactly these survivors.
   * @throws TributaryError `secagg-below-threshold`, `secagg-dealer-inconsistent` when masks cannot be taken out;
   * `weight-out-of-range` when what is left is no sum of so many updates
   */
  finish(question: {
    sum: SumName;
    rules: SumRules;
    survivors: readonly LocatedSurvivor[];
    model: BlobLocation;
    optimiser: BlobLocation | null;
    unmasking: Unmasking | null;
  }): Promise<({ readonly kind: 'next' } & NextModel) | UnusableSum>;
  /** The round is over: what is kept of it is let go. */
  forget(sum: SumName): void;
  initialModel(manifest: FirstModelRules): Promise<HashedBytes>;
  /**
   * The hash of a frame from outside, and its bytes back.
   * @throws TributaryError with a `frame-*` code, `update-not-finite`
   */
  adopt(bytes: Uint8Array): Promise<HashedBytes>;
  /** @throws TributaryError `blob-missing`, `blob-corrupt` */
  read(hash: BlobHash, at: BlobLocation): Promise<Uint8Array>;
  /** Ends the thread as a fault would. For tests. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Checked updates that may wait for their rounds at once; one at least, however large. */
const UNDECIDED_BYTES = 12 * 1024 * 1024;

export function openAggregation(): Aggregation {
  /** Rounds of which the thread may have a sum; while there are some it does not rest. */
  const open = new Set<string>();
  const thread = openThread<AggregationQuestion, AggregationAnswer>(
    builtWorker('aggregation-worker', import.meta.url),
    { mayRest: () => open.size === 0 },
  );
  const undecided = byteBudget(UNDECIDED_BYTES);
  /** Nobody waits for the answer. What is lost with a thread is made good by `finish`. */
  const tell = (note: AggregationQuestion): Promise<unknown> => thread.ask(note).catch(() => {});

  const askForBlob = async (question: AggregationQuestion): Promise<HashedBytes> => {
    const answer = await thread.ask(question);
    if (answer.kind !== 'blob') throw new TributaryError('internal', `${question.kind} gave no blob`);
    return answer.blob;
  };

  return {
    async check(question) {
      const { sum, rules, candidate } = question;
      const release = await undecided.take(heldBytes(rules, candidate));
      open.add(nameOf(sum));
      const survivor = survivorOf(candidate);
      const settle = (note: AggregationQuestion): void => void tell(note).finally(release);
      try {
        await thread.ask({ kind: 'check', ...question });
      } catch (error) {
        release();
        throw error;
      }
      return {
        fold: () => settle({ kind: 'fold', sum, rules, survivor }),
        drop: () => settle({ kind: 'drop', sum, survivor }),
      };
    },
    async finish(question) {
      open.add(nameOf(question.sum));
      const answer = await thread.ask({ kind: 'finish', ...question });
      if (answer.kind !== 'next' && answer.kind !== 'unusable')
        throw new TributaryError('internal', 'no next model was made');
      return answer;
    },
    forget(sum) {
      if (open.delete(nameOf(sum))) void tell({ kind: 'forget', sum });
    },
    initialModel: ({ model, seed, downlink }) =>
      askForBlob({ kind: 'initialise', manifest: { model, seed, downlink } }),
    adopt: (bytes) => askForBlob({ kind: 'adopt', bytes }),
    read: async (hash, at) => (await askForBlob({ kind: 'read', hash, at })).bytes,
    kill: thread.kill,
    close: thread.close,
  };
}

/** What is the same in all rounds. */
export function planRules(manifest: TaskManifest): PlanRules {
  const { rounds, aggregation, privacy, compression, secureAggregation, downlink } = manifest;
  return {
    shapes: parameterShapes(manifest.model),
    manifest: { rounds, aggregation, privacy, compression, secureAggregation, downlink },
  };
}

/** What a checked update takes in memory: codes that are read one by one are floats from then on. */
function heldBytes({ manifest, shapes }: SumRules, { updateBytes }: Candidate): number {
  return isClearCode(manifest.compression) ? updateBytes + 4 * parameterCount(shapes) : updateBytes;
}

const survivorOf = ({ clientId, updateHash, exampleCount }: Survivor): Survivor => ({
  clientId,
  updateHash,
  exampleCount,
});
