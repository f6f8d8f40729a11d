import { createHash } from 'node:crypto';
import {
  type BlobHash,
  bytesToHex,
  type ClientId,
  memberSeed,
  type RunId,
  roundSeed,
} from '@tributary/fl-core';
import { expect, it } from 'vitest';

const round = { runId: 'run-one' as RunId, roundNumber: 7, modelHash: 'ab'.repeat(32) as BlobHash };
const CLIENT = 'aade5bd2c1dd584598988db98b7a9899' as ClientId;

/** Each field after its length (4 bytes, little-endian), in Node's own words. */
function hashOfFields(fields: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const field of fields) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(field.length);
    hash.update(length).update(field);
  }
  return hash.digest('hex');
}

it('[W-8] the seed of a round is the hash of its run, number and model, and each member has one of its own', () => {
  const seed = roundSeed(round);
  expect(bytesToHex(seed)).toBe(
    hashOfFields([
      Buffer.from('tributary/round-code'),
      Buffer.from('run-one'),
      Buffer.from('7'),
      Buffer.from('ab'.repeat(32), 'hex'),
    ]),
  );
  expect(bytesToHex(memberSeed(seed, CLIENT))).toBe(
    hashOfFields([Buffer.from('tributary/member-code'), Buffer.from(seed), Buffer.from(CLIENT)]),
  );
});

it('[W-8] another run, round, model or member has another seed', () => {
  const others = [
    { ...round, runId: 'run-two' as RunId },
    { ...round, roundNumber: 8 },
    { ...round, modelHash: 'cd'.repeat(32) as BlobHash },
  ];
  const seeds = [round, ...others].map(roundSeed);
  const members = seeds.map((seed) => memberSeed(seed, CLIENT));
  members.push(memberSeed(seeds[0]!, 'bb'.repeat(16) as ClientId));
  expect(new Set([...seeds, ...members].map(bytesToHex)).size).toBe(9);
});
