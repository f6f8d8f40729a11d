/**
 * One whole session of five members, byte by byte: the fourth drops out before its masked vector arrives. Everything
 * random is in the file, so that another implementation can be held against it.
 */
import { describe, expect, it } from 'vitest';
import vectors from '../../../test/vectors/secagg-session.json' with { type: 'json' };
import { nativeCrypto } from './native-crypto.ts';
import { playScene, range } from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';
import { slowMask, slowPairMaskKey, slowSelfMaskKey, slowSessionId } from './slow-derivations.ts';

const N = 5;
const GONE = 3;

describe('the session of the vectors', () => {
  it('is made of the very messages that it was made of before', async () => {
    expect(await retell()).toEqual(vectors);
  });

  it('has the masks of the slow implementation', async () => {
    const names = { session: bytesOf(vectors.session), cohortRoot: bytesOf(vectors.root) };
    const present = range(N).map((member) => vectors.members[member]!);
    for (const [index, member] of present.entries()) {
      for (const [v, { bits, length }] of vectors.vectors.entries()) {
        const modulus = 2n ** BigInt(bits);
        const sum = member.input[v]!.map(BigInt);
        const add = (mask: bigint[], sign: bigint) =>
          mask.forEach((element, at) => {
            sum[at] = (((sum[at]! + sign * element) % modulus) + modulus) % modulus;
          });
        add(slowMask(slowSelfMaskKey(names, bytesOf(member.random.seed), index, v), bits, length), 1n);
        for (const [other, peer] of present.entries()) {
          if (other === index) continue;
          const agreed = await nativeCrypto(seededBytes('')).x25519(
            bytesOf(member.random.maskSecret),
            bytesOf(peer.keysOffered).subarray(0, 32),
          );
          const key = slowPairMaskKey(names, agreed!, [index, other], v);
          add(slowMask(key, bits, length), index < other ? 1n : -1n);
        }
        expect(packSlowly(sum, bits)).toBe(member.masked[v]);
      }
    }
  });

  it('has the session id of the slow implementation', () => {
    const { task, modelHash, modelLog } = vectors;
    const hashes = { task: bytesOf(task), modelHash: bytesOf(modelHash), modelLog: bytesOf(modelLog) };
    const root = bytesOf(vectors.root);
    const id = slowSessionId({ ...vectors, ...hashes }, root, bytesOf(vectors.beacon), N, vectors.graph);
    expect(hex(id)).toBe(vectors.session);
  });

  it('has the sum of the survivors’ inputs', () => {
    for (const [v, sum] of vectors.sums.entries()) {
      const expected = sum.map((_, at) =>
        range(N).reduce(
          (total, member) => total + (member === GONE ? 0 : vectors.members[member]!.input[v]![at]!),
          0,
        ),
      );
      expect(sum).toEqual(expected);
    }
  });
});

/** The session once more, as the file has it. */
async function retell() {
  const drawn: Uint8Array[][] = range(N).map(() => []);
  const told = range(N).map((): Record<string, unknown> => ({}));
  const note =
    <Message>(name: string, write: (message: Message) => unknown) =>
    (message: Message, member: number) => {
      told[member]![name] = write(message);
      return message;
    };
  const outcome = await playScene({
    n: N,
    seed: 'known answers',
    task: { vectors: vectors.vectors },
    input: (member, vector) => Int32Array.from(vectors.members[member]!.input[vector]!),
    crypto: (member) => {
      const crypto = nativeCrypto(seededBytes(`known answers/${member}`));
      const randomBytes = (length: number) => {
        const bytes = crypto.randomBytes(length);
        if (member !== null) drawn[member]!.push(bytes.slice());
        return bytes;
      };
      return { ...crypto, randomBytes };
    },
    messages: {
      keysOffered: note('keysOffered', hex),
      sharesSealed: note('sharesSealed', hex),
      sharesDelivered: note('sharesDelivered', ({ bytes }) => hex(bytes)),
      masked: (packed, member) => {
        told[member]!.masked = packed.map(hex);
        return member === GONE ? null : packed;
      },
      survivorsConfirmed: note('survivorsConfirmed', hex),
      unmaskRequested: note('unmaskRequested', ({ confirmations }) => hex(confirmations)),
      sharesRevealed: note('sharesRevealed', hex),
    },
  });
  if (outcome.kind !== 'summed') throw outcome.error;
  const { session, view, sums } = outcome;
  const { task, roundNumber, modelHash, modelLog, minimumSurvivors } = session.task;
  return {
    task: hex(task),
    roundNumber,
    modelHash: hex(modelHash),
    modelLog: hex(modelLog),
    minimumSurvivors,
    vectors: session.task.vectors,
    graph: session.graph,
    roster: hex(view.roster),
    root: hex(session.roster.root),
    beacon: hex(view.beacon),
    session: hex(session.binding.session),
    sharers: hex(view.sharers),
    survivors: hex(view.survivors),
    sums: sums.map((sum) => [...sum]),
    members: told.map((messages, member) => {
      const names = ['maskSecret', 'channelSecret', 'seed', 'keyPolynomials', 'seedPolynomials'];
      return {
        identity: hex(session.roster.offers[member]!.identity),
        random: Object.fromEntries(names.map((name, i) => [name, hex(drawn[member]![i]!)])),
        input: vectors.members[member]!.input,
        ...messages,
      };
    }),
  };
}

/** Element i fills bits i b to (i + 1) b - 1, the lowest first. */
function packSlowly(elements: readonly bigint[], bits: number): string {
  const whole = elements.reduce((sum, element, i) => sum | (element << BigInt(i * bits)), 0n);
  const bytes = Math.ceil((elements.length * bits) / 8);
  return Buffer.from(whole.toString(16).padStart(bytes * 2, '0'), 'hex')
    .reverse()
    .toString('hex');
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
