/** The coordinator's process, from the side of its members. */
import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureSumCoordinator } from '@tributary/privacy/protocols';
import type { SumCase } from './cases.ts';
import type { CoordinatorCall, CoordinatorCosts } from './coordinator-process.ts';
import type { SumBytes } from './limits.ts';
import type { SumMessage } from './secure-sum-of.ts';

export interface RemoteCoordinator extends SecureSumCoordinator<SumMessage> {
  costs(bytes: SumBytes): Promise<CoordinatorCosts>;
  close(): void;
}

type Reply = { readonly result: unknown } | { readonly error: string };

export async function openRemoteCoordinator(
  of: SumCase,
  identities: readonly Uint8Array[],
): Promise<RemoteCoordinator> {
  const child = fork(new URL('./coordinator-process.js', import.meta.url), { serialization: 'advanced' });
  const folder = await mkdtemp(join(tmpdir(), 'tributary-secagg-'));
  await ask(child, { call: 'open', of, identities });
  return {
    receive: async (member, bytes) => {
      // By a file, as an upload comes: the channel between processes would leave more garbage than the coordinator makes.
      const path = join(folder, String(member));
      await writeFile(path, bytes);
      await ask(child, { call: 'receive', member, path });
    },
    closeStage: async () => {
      const members = (await ask(child, { call: 'closeStage' })) as number[];
      const tell = (member: number) => ask(child, { call: 'tell', member }) as Promise<SumMessage>;
      return new Map(members.map((member) => [member, () => tell(member)]));
    },
    sum: async () => (await ask(child, { call: 'sum' })) as Int32Array[],
    costs: async (bytes) => (await ask(child, { call: 'costs', bytes })) as CoordinatorCosts,
    close: () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One call at a time. */
function ask(child: ChildProcess, call: CoordinatorCall): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (reply: Reply) => {
      child.off('message', settle).off('exit', onExit);
      if ('error' in reply) reject(new Error(reply.error));
      else resolve(reply.result);
    };
    const onExit = () => settle({ error: 'the process of the coordinator ended' });
    child.on('message', settle).on('exit', onExit);
    child.send(call);
  });
}
