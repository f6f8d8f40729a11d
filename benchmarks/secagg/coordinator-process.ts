/** The coordinator of one sum in a process of its own, so that its memory and its CPU time are nobody else's. */
import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openNodeCrypto } from '@tributary/coordinator/dist/secure-sum/node-crypto.js';
import { runSecureSum, type SecureSumCoordinator } from '@tributary/privacy/protocols';
import { dropsOut, type SumCase } from './cases.ts';
import { thisProcess } from './cpu.ts';
import { openIdentity } from './identity.ts';
import { inputOf } from './inputs.ts';
import { CHUNK_BYTES, copy, limitSeconds, type SumBytes } from './limits.ts';
import { type SumMessage, secureSumOf } from './secure-sum-of.ts';

export type CoordinatorCall =
  | { readonly call: 'open'; readonly of: SumCase; readonly identities: readonly Uint8Array[] }
  | { readonly call: 'receive'; readonly member: number; readonly path: string }
  | { readonly call: 'closeStage' }
  | { readonly call: 'tell'; readonly member: number }
  | { readonly call: 'sum' }
  | { readonly call: 'costs'; readonly bytes: SumBytes };

export interface CoordinatorCosts {
  readonly cpuSeconds: number;
  /** Beyond what the process held before. */
  readonly peakBytes: number;
  /** What the bare work takes. */
  readonly limitSeconds: number;
}

let coordinator: SecureSumCoordinator<SumMessage>;
let told: Awaited<ReturnType<typeof coordinator.closeStage>>;
let bytesBefore = 0;
let cpuSeconds = 0;

process.on('message', async (call: CoordinatorCall) => {
  try {
    process.send!({ result: await answer(call) });
  } catch (error) {
    process.send!({ error: error instanceof Error ? error.message : String(error) });
  }
});

async function answer(call: CoordinatorCall): Promise<unknown> {
  switch (call.call) {
    case 'open':
      await warmUp(call.of);
      bytesBefore = process.memoryUsage.rss();
      coordinator = secureSumOf(call.of).openCoordinator(call.identities, openNodeCrypto());
      return null;
    case 'receive': {
      const bytes = new Uint8Array(readFileSync(call.path));
      return during(() => coordinator.receive(call.member, bytes));
    }
    case 'closeStage':
      told = await during(() => coordinator.closeStage());
      return [...told.keys()];
    case 'tell':
      return during(() => told.get(call.member)!());
    case 'sum':
      return during(() => coordinator.sum());
    case 'costs': {
      const peakBytes = process.resourceUsage().maxRSS * 1024 - bytesBefore;
      const costs: CoordinatorCosts = {
        cpuSeconds,
        peakBytes,
        limitSeconds: await limitSeconds(call.bytes, { cipher, copy }, thisProcess),
      };
      return costs;
    }
  }
}

/** A coordinator lives for many sums: what is measured is not its first. */
async function warmUp(of: SumCase): Promise<void> {
  const small = { ...of, n: Math.min(20, of.n), params: 20_000 };
  for (let sum = 0; sum < 3; sum += 1) {
    const members = await Promise.all(
      Array.from({ length: small.n }, async () => ({ ...(await openIdentity()), crypto: openNodeCrypto() })),
    );
    await runSecureSum(secureSumOf(small), {
      members,
      inputOf: (member) => inputOf(small, member),
      crypto: openNodeCrypto(),
      dropsOutAt: (member) => (dropsOut(small, member) ? 'mask' : null),
    });
  }
}

async function during<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  const { result, seconds } = await thisProcess(work);
  cpuSeconds += seconds;
  return result;
}

async function cipher(chunks: number): Promise<void> {
  const zeros = new Uint8Array(CHUNK_BYTES);
  const stream = createCipheriv('aes-256-ctr', new Uint8Array(32), new Uint8Array(16));
  for (let done = 0; done < chunks; done += 1) stream.update(zeros);
}
