/** Those whose time is taken: where they run, and how. */
import { openWebCrypto } from '@tributary/participant/web-crypto';
import type { SecureSumMember } from '@tributary/privacy/protocols';
import type { SumCase } from './cases.ts';
import { type Meter, thisProcess } from './cpu.ts';
import { openIdentity } from './identity.ts';
import { inputOf } from './inputs.ts';
import { type BareWork, copy, webCipher } from './limits.ts';
import { type SumMessage, secureSumOf } from './secure-sum-of.ts';

export interface TimedMembers {
  /** E.g. `Node 20.1.0` or `Chromium 156.0`. */
  readonly runtime: string;
  open(of: SumCase, member: number): Promise<TimedMember>;
  readonly meter: Meter;
  readonly bareWork: BareWork;
}

export interface TimedMember {
  readonly identity: Uint8Array;
  /** The work alone is timed; the answer is taken afterwards. */
  work(...heard: Parameters<SecureSumMember<SumMessage>['answer']>): Promise<void>;
  takeAnswer(): Promise<Uint8Array>;
}

/** In this process, with its WebCrypto. */
export const nodeMembers: TimedMembers = {
  runtime: `Node ${process.versions.node}`,
  async open(of, index) {
    const identity = await openIdentity();
    const member = secureSumOf(of).openMember({ ...identity, crypto: await openWebCrypto() }, () =>
      inputOf(of, index),
    );
    let answer = new Uint8Array();
    return {
      identity: identity.identity,
      work: async (stage, heard) => {
        answer = (await member.answer(stage, heard)) as Uint8Array<ArrayBuffer>;
      },
      takeAnswer: async () => answer,
    };
  },
  meter: thisProcess,
  bareWork: { cipher: webCipher, copy },
};
