/**
 * The thread on which updates are checked and folded as they arrive, and models are made. It keeps one sum of the
 * model's size per open round, whatever the size of the cohort; what it keeps can be lost at any time, because `finish`
 * reads whatever is missing. Sums are exact, so neither order nor loss can change a bit of the next model.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  type BlobHash,
  blobHashOf,
  checkUpdate,
  decodeFrame,
  decodeServerState,
  encodeFrame,
  encodeServerState,
  firstModel,
  initialServerState,
  isUsable,
  nextModel,
  openRoundSum,
  type RoundSum,
  type RunId,
  type Survivor,
  TributaryError,
} from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';
import { masksLeft, type Unmasking } from '../secure-sum/unmasking.ts';
import type { BlobLocation } from '../storage/blob-store.ts';
import { answerQuestions, type Reply } from '../threads/answering.ts';
import { sha256OfFrame } from './hash-frame.ts';
import { nameOf, openHeldUpdates } from './held-updates.ts';
import type {
  AggregationAnswer,
  AggregationQuestion,
  Candidate,
  HashedBytes,
  SumName,
  SumRules,
} from './questions.ts';
import { unmask } from './unmask.ts';

type Question<Kind extends AggregationQuestion['kind']> = Extract<AggregationQuestion, { kind: Kind }>;

const held = openHeldUpdates();
const sums = new Map<string, RoundSum>();
/** The last round of each run that is over: what is said about it later is late. */
const over = new Map<RunId, number>();
const DONE: Reply<AggregationAnswer> = { answer: { kind: 'done' } };

answerQuestions<AggregationQuestion, AggregationAnswer>((question) => {
  switch (question.kind) {
    case 'check':
      return check(question);
    case 'fold':
      return fold(question);
    case 'drop':
      held.take(question.sum, question.survivor);
      return DONE;
    case 'finish':
      return finish(question);
    case 'forget':
      return forget(question.sum);
    case 'initialise':
      return blob(hashed(encodeFrame(firstModel(question.manifest), nativeSha256)));
    case 'adopt':
      return adopt(question);
    case 'read':
      return blob({ hash: question.hash, bytes: readWhole(question.at, question.hash) });
  }
});

function check({ sum, rules, candidate, at }: Question<'check'>): Reply<AggregationAnswer> {
  const buffer = held.buffer(candidate.updateBytes);
  try {
    if (readInto(buffer, at) !== candidate.updateBytes) {
      throw new TributaryError('frame-length', 'the update is not as long as announced');
    }
    held.hold(sum, candidate, { update: checked(buffer, rules, candidate), buffer });
    return DONE;
  } catch (error) {
    held.release(buffer);
    throw error;
  }
}

function checked(bytes: Uint8Array, rules: SumRules, announced: Candidate) {
  const { clientId } = announced;
  return checkUpdate(bytes, { ...rules, clientId, announced, sha256: sha256OfFrame(bytes), mayShare: true });
}

function fold({ sum, rules, survivor }: Question<'fold'>): Reply<AggregationAnswer> {
  const update = held.take(sum, survivor);
  if (update && !isOver(sum)) sumOf(sum, rules).fold(survivor, update);
  return DONE;
}

async function finish(question: Question<'finish'>): Promise<Reply<AggregationAnswer>> {
  const { sum: name, rules, survivors, model, optimiser, unmasking } = question;
  // Nothing but these, or all of it anew.
  if (sums.get(nameOf(name))?.isOnlyOf(survivors) === false) sums.delete(nameOf(name));
  const sum = sumOf(name, rules);
  for (const survivor of survivors) {
    if (sum.has(survivor)) continue;
    const update = held.take(name, survivor) ?? readUpdate(survivor.at, rules, survivor);
    sum.fold(survivor, update);
  }
  if (unmasking) await takeMasksOut(name, sum, unmasking);
  const facts = sum.facts();
  if (facts && !isUsable(facts)) return { answer: { kind: 'unusable', facts } };
  const { shapes, manifest } = rules;
  const modelBytes = readAll(model);
  const next = nextModel(manifest, {
    model: decodeFrame(modelBytes, {
      sha256: sha256OfFrame(modelBytes),
      expectedShapes: shapes,
      mayShare: true,
    }),
    mean: sum.mean(),
    state: optimiser
      ? decodeServerState(readAll(optimiser), manifest, shapes)
      : initialServerState(manifest, shapes),
  });
  // Kept until `forget`, unless masks were in it: should this answer be lost with the asker's patience, it is given again.
  const frame = hashed(encodeFrame(next.model, nativeSha256));
  const state = hashed(encodeServerState(next.state));
  return {
    answer: { kind: 'next', model: frame, optimiser: state, tally: sum.tally(), facts },
    transfer: [bufferOf(frame), bufferOf(state)],
  };
}

/** In place and once: were the question asked again, the sum would be built again. */
async function takeMasksOut(name: SumName, { vectors }: RoundSum, unmasking: Unmasking): Promise<void> {
  sums.delete(nameOf(name));
  const masks = await masksLeft(unmasking);
  for (const [i, vector] of vectors.entries()) await unmask(vector, masks[i] ?? []);
}

function readUpdate(at: BlobLocation, rules: SumRules, { clientId, updateHash }: Survivor) {
  const bytes = readAll(at);
  const sha256 = sha256OfFrame(bytes);
  if (blobHashOf(bytes, sha256) !== updateHash) {
    throw new TributaryError('blob-corrupt', 'a stored update has other content');
  }
  return checkUpdate(bytes, { ...rules, clientId, sha256, mayShare: true });
}

function forget(sum: SumName): Reply<AggregationAnswer> {
  over.set(sum.runId, Math.max(sum.roundNumber, over.get(sum.runId) ?? 0));
  sums.delete(nameOf(sum));
  held.dropAllOf(sum);
  return DONE;
}

function adopt({ bytes }: Question<'adopt'>): Reply<AggregationAnswer> {
  const { values } = decodeFrame(bytes, { sha256: sha256OfFrame(bytes), mayShare: true });
  if (!values.every(Number.isFinite)) {
    throw new TributaryError('update-not-finite', 'the model has values that are not numbers');
  }
  return blob(hashed(bytes));
}

const isOver = ({ runId, roundNumber }: SumName): boolean => roundNumber <= (over.get(runId) ?? 0);

function sumOf(name: SumName, { manifest, shapes, round }: SumRules): RoundSum {
  const sum = sums.get(nameOf(name)) ?? openRoundSum(manifest, shapes, round);
  sums.set(nameOf(name), sum);
  return sum;
}

function blob(content: HashedBytes): Reply<AggregationAnswer> {
  return { answer: { kind: 'blob', blob: content }, transfer: [bufferOf(content)] };
}

const hashed = (bytes: Uint8Array): HashedBytes => ({ hash: blobHashOf(bytes, nativeSha256), bytes });
const bufferOf = ({ bytes }: HashedBytes): ArrayBuffer => bytes.buffer as ArrayBuffer;

function readWhole(at: BlobLocation, hash: BlobHash): Uint8Array {
  const bytes = readAll(at);
  if (blobHashOf(bytes, nativeSha256) !== hash) {
    throw new TributaryError('blob-corrupt', `blob ${hash} has other content`);
  }
  return bytes;
}

/** A buffer of its own, which can be given away. */
function readAll(at: BlobLocation): Uint8Array {
  if ('bytes' in at) return at.bytes.slice();
  return withFile(at.path, (file) => {
    const bytes = new Uint8Array(fstatSync(file).size);
    readFully(file, bytes);
    return bytes;
  });
}

/** @returns how many bytes there are, however many the buffer takes */
function readInto(buffer: Uint8Array, at: BlobLocation): number {
  if ('bytes' in at) {
    buffer.set(at.bytes.subarray(0, buffer.length));
    return at.bytes.length;
  }
  return withFile(at.path, (file) => {
    readFully(file, buffer);
    return fstatSync(file).size;
  });
}

function withFile<T>(path: string, work: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TributaryError('blob-missing', 'a blob is not there');
  }
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
}

function readFully(file: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    const count = readSync(file, bytes, offset, bytes.length - offset, offset);
    if (count === 0) return;
    offset += count;
  }
}
