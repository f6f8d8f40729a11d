/**
 * A whole secure sum of five members, one of whom drops out with its keys shared, on whatever cryptography it is given: hashes of
 * all that is sent, and the sum. What is drawn at random comes from a seed.
 */
import { createLaneSum } from '@tributary/compression';
import { blobHashOf, seededRandom } from '@tributary/fl-core';
import {
  applyMasks,
  bitmapOf,
  checkConfirmation,
  closeRoster,
  confirmationsFor,
  deliverShares,
  openSecureSum,
  openServerSession,
  readOffer,
  readRevealed,
  readSealedShares,
  recoverMasks,
  type SecAggCrypto,
  type SumTask,
} from '@tributary/privacy';
import { createPlainDeviceKey, signWith } from '../../../packages/participant/src/identity/device-key.ts';
import { openWebCrypto } from '../../../packages/participant/src/secure-sum/web-crypto.ts';

const N = 5;
const GONE = 3;
const LENGTH = 20_011;
const TASK: SumTask = {
  task: bytesFrom('task')(32),
  roundNumber: 7,
  modelHash: bytesFrom('model')(32),
  modelLog: bytesFrom('log')(32),
  vectors: [
    { bits: 19, length: LENGTH },
    { bits: 32, length: 5 },
  ],
  maximumCohort: N,
  minimumSurvivors: 3,
  corruptFraction: 0,
  dropoutFraction: 0.2,
  adversary: 'semi-malicious',
  graph: 'auto',
};

export interface WholeSession {
  readonly sent: readonly string[];
  /** Whether it is the sum of the survivors' inputs. */
  readonly isExact: boolean;
  readonly sum: string;
}

export async function wholeSession(crypto: SecAggCrypto): Promise<WholeSession> {
  const members = await Promise.all(
    Array.from({ length: N }, async (_, i) => {
      const randomBytes = bytesFrom(`member ${i}`);
      const key = await createPlainDeviceKey(randomBytes(32));
      const sum = openSecureSum({
        task: TASK,
        identity: key.publicKey,
        sign: (message) => signWith(key, message),
        crypto: { ...crypto, randomBytes },
        policy: { minimumCohort: 3, minimumSurvivors: 3 },
      });
      return { identity: key.publicKey, sum, offer: await sum.offerKeys() };
    }),
  );
  const sent: Uint8Array[] = members.map(({ offer }) => offer);
  const offers = await Promise.all(
    members.map(({ identity, offer }) => readOffer({ identity, bytes: offer }, TASK, crypto)),
  );
  const roster = closeRoster(offers, TASK);
  const beacon = bytesFrom('beacon')(32);
  const session = openServerSession(TASK, roster, beacon);
  const order = roster.offers.map(
    ({ identity }) => members.find((member) => member.identity.every((byte, i) => byte === identity[i]))!.sum,
  );
  const sealed = await Promise.all(
    order.map(async (sum, i) =>
      readSealedShares(session, i, await sum.shareSecrets({ roster: roster.bytes, beacon })),
    ),
  );
  const sharers = bitmapOf(N, order.keys());
  const alive = [...order.keys()].filter((index) => index !== GONE);
  const survivors = bitmapOf(N, alive);
  const sums = TASK.vectors.map(({ length, bits }) => createLaneSum(length, bits));
  const plain = TASK.vectors.map(({ length, bits }) => createLaneSum(length, bits));
  for (const index of alive) {
    await order[index]!.openShares({
      sharers,
      bytes: deliverShares(session, index, sharers, (i) => sealed[i]!),
    });
    const vectors = TASK.vectors.map(({ length, bits }, v) => {
      const vector = createLaneSum(length, bits);
      const random = seededRandom(`input ${index}/${v}`);
      vector.addValues(Int32Array.from({ length }, () => (random.nextUint32() % 65_535) - 32_767));
      plain[v]!.addVector(vector);
      return vector;
    });
    await order[index]!.maskVectors(vectors);
    for (const [v, vector] of vectors.entries()) {
      sent.push(vector.packed());
      sums[v]!.addPacked(vector.packed());
    }
  }
  const signatures = new Map<number, Uint8Array>();
  for (const index of alive) {
    const signature = await order[index]!.confirmSurvivors({ sharers, survivors });
    const isSigned = await checkConfirmation(session, { index, sharers, survivors, signature }, crypto);
    if (isSigned) signatures.set(index, signature);
  }
  const revealed = await Promise.all(
    alive.map(async (index) => {
      const confirmations = confirmationsFor(session, index, signatures);
      const bytes = await order[index]!.revealShares({ confirmations });
      sent.push(bytes);
      return readRevealed(session, { index, sharers, survivors, bytes }, (i) => sealed[i]!);
    }),
  );
  const masks = await recoverMasks(session, { sharers, survivors }, revealed.flat(), crypto);
  for (const [v, sum] of sums.entries())
    await applyMasks(sum, masks[v]!, { from: 0, to: sum.length }, crypto);
  sent.push(...sealed.map(({ bytes }) => bytes), ...signatures.values());
  const digest = (vectors: typeof sums) => vectors.map((vector) => blobHashOf(vector.packed())).join(' ');
  return {
    sent: sent.map((bytes) => blobHashOf(bytes)),
    isExact: digest(sums) === digest(plain),
    sum: digest(sums),
  };
}

/** In a browser, by what the participant page opens there. */
export const wholeSessionHere = async () => wholeSession(await openWebCrypto());

function bytesFrom(seed: string): (length: number) => Uint8Array {
  const random = seededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => random.nextUint32() & 0xff);
}
