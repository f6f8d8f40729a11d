/** Between a training (or an evaluation), which decides what comes next, and its driver, which decides when. */
import type { Settling } from '../network/engine.ts';

export type Pause =
  /** Goes on with what the engine answers. */
  | { readonly kind: 'waiting'; readonly settled: Promise<unknown> }
  /** The same for examples, which come from outside: a stop waits for an engine, but not for them. */
  | { readonly kind: 'reading'; readonly settled: Promise<unknown> }
  /** Some batches are done; a place to rest. */
  | {
      readonly kind: 'trained';
      readonly epoch: number;
      readonly examples: number;
      /** See `RoundBatch`. */
      readonly finished: number;
      /** Cross-entropy summed over these examples, in nats. */
      readonly lossSum: number;
    }
  /** Some examples are evaluated; a place to rest. */
  | { readonly kind: 'evaluated' };

export type Steps<Outcome> = Generator<Pause, Outcome, unknown>;

/** What an engine answers, at once where it can. */
export function* settled<Result>(answer: Settling<Result>): Steps<Result> {
  if (!(answer instanceof Promise)) return answer;
  return (yield { kind: 'waiting', settled: answer }) as Result;
}

/** Examples, at once where they are held. */
export function* read<Result>(examples: Settling<Result>): Steps<Result> {
  if (!(examples instanceof Promise)) return examples;
  return (yield { kind: 'reading', settled: examples }) as Result;
}
