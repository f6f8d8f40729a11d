/** One of the threads that expand masks: each call is one slice of the vector, over all masks. */
import { createLaneSum } from '@tributary/compression';
import { applyMasks, type LaneSum } from '@tributary/privacy';
import { openNodeCrypto } from '../secure-sum/node-crypto.ts';
import { answerQuestions } from '../threads/answering.ts';
import type { SliceAnswer, SliceQuestion } from './unmask.ts';

const crypto = openNodeCrypto();

answerQuestions<SliceQuestion, SliceAnswer>(async ({ from, to, bits, keys, signs }) => {
  const slice = createLaneSum(to - from, bits);
  // Masks are functions of the place in the whole vector.
  const placed: LaneSum = {
    length: to,
    laneBytes: slice.laneBytes,
    add: (bytes, at) => slice.add(bytes, at - from),
    subtract: (bytes, at) => slice.subtract(bytes, at - from),
  };
  const masks = Array.from(signs, (sign, i) => ({
    key: keys.subarray(32 * i, 32 * (i + 1)),
    sign: sign as 1 | -1,
  }));
  await applyMasks(placed, masks, { from, to }, crypto);
  keys.fill(0);
  const lanes = slice.lanes();
  return { answer: { lanes }, transfer: [lanes.buffer] };
});
