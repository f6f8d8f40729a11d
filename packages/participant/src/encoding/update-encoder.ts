/** Who gives an update the form in which it leaves. Coding a large one takes a while, and a page must not stand still for it. */
import { type CodedFrame, type CodingRound, clearFrame } from '../round/clear-frame.ts';
import type { LocalUpdate } from '../round/local-update.ts';
import type { RingCode, RingRound } from '../round/ring-update.ts';

/** The model delta of an update that was given to it is the encoder's, and holds nothing any more. */
export interface UpdateEncoder {
  /** For the coordinator to read by itself. @throws TributaryError `update-not-finite`, `update-out-of-range` */
  frame(update: LocalUpdate, round: CodingRound): Promise<CodedFrame>;
  /** For masks to be added to. @throws TributaryError `update-not-finite` */
  vectors(update: LocalUpdate, round: RingRound): Promise<RingCode>;
}

/** On the thread of the caller, in pieces with pauses between them where the code allows it. */
export const encodeInPlace: UpdateEncoder = {
  frame: clearFrame,
  async vectors(update, round) {
    // Only who takes part in a sum of integers loads its code.
    const { ringUpdate } = await import('../round/ring-update.ts');
    return ringUpdate(update, round);
  },
};
