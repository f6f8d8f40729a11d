/** Entry of the dedicated worker in a browser: `@tributary/training/worker`. */
import { type ThreadSource, threadsForCores } from '../wasm-threads/thread-source.ts';
import { browserChannel } from './browser-channel.ts';
import { threadOver } from './channel.ts';
import type { MessageToWorker } from './messages.ts';
import { serveTrainer } from './serve-trainer.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

/** Memory can be shared where no other site shares the process. */
const threads: ThreadSource | null = scope.crossOriginIsolated
  ? {
      most: threadsForCores(scope.navigator.hardwareConcurrency),
      start: () => threadOver(browserChannel(new Worker(ownScript(), { type: 'module' }))),
    }
  : null;

/** A thread runs the script of this worker. Under a policy of Trusted Types it must allow one of this name, in workers too. */
function ownScript(): string {
  const { trustedTypes } = scope as unknown as { trustedTypes?: TrustedTypes };
  const script = scope.location.href;
  if (!trustedTypes) return script;
  policy ??= trustedTypes.createPolicy('tributary-worker', {
    createScriptURL: (text) => (text === script ? text : null),
  });
  // What the policy made is a string to the browser, but not to TypeScript.
  return policy.createScriptURL(script) as unknown as string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(text: string): string | null }): Policy;
}
interface Policy {
  createScriptURL(text: string): object;
}
let policy: Policy | undefined;

const receive = serveTrainer((message, transfer) => scope.postMessage(message, transfer), threads);
scope.addEventListener('message', (event: MessageEvent<MessageToWorker>) => receive(event.data));
