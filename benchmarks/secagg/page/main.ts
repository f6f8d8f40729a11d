/** Members of secure sums in a page, with the product's code for tabs. */
import { openWebCrypto } from '@tributary/participant/web-crypto';
import type { SecureSumMember } from '@tributary/privacy/protocols';
import type { SumCase } from '../cases.ts';
import { openIdentity } from '../identity.ts';
import { inputOf } from '../inputs.ts';
import { copy, webCipher } from '../limits.ts';
import { type SumMessage, secureSumOf } from '../secure-sum-of.ts';

export interface SumPage {
  /** @returns the identity of the new member, a key that only the page has */
  open(of: SumCase, member: number): Promise<{ readonly handle: number; readonly identity: Uint8Array }>;
  /** Kept here until it is taken: only the work is timed. */
  answer(handle: number, stage: string, heard: SumMessage | null): Promise<void>;
  take(handle: number): Uint8Array;
  cipher(chunks: number): Promise<void>;
  copy(vectors: number): Promise<void>;
}

const members: { readonly member: SecureSumMember<SumMessage>; answer: Uint8Array }[] = [];

const sumPage: SumPage = {
  async open(of, member) {
    const identity = await openIdentity();
    const opened = secureSumOf(of).openMember({ ...identity, crypto: await openWebCrypto() }, () =>
      inputOf(of, member),
    );
    members.push({ member: opened, answer: new Uint8Array() });
    return { handle: members.length - 1, identity: identity.identity };
  },
  async answer(handle, stage, heard) {
    const at = members[handle]!;
    at.answer = await at.member.answer(stage, heard);
  },
  take: (handle) => members[handle]!.answer,
  cipher: webCipher,
  copy,
};

Object.assign(globalThis, { sumPage });
