/** A participant, its coordinator and a proxy between them, over real sockets and HTTP; all of it ends with its test. */
import { parseManifest } from '@tributary/fl-core';
import { afterEach } from 'vitest';
import {
  createMemoryStorage,
  createMemoryVault,
  createParticipant,
  type HeldOutEvaluation,
  type LedgerEntry,
  type Participant,
  type ParticipantFault,
  type ParticipantOptions,
  type ParticipantView,
  privateDataOf,
} from '../src/index.ts';
import { openCountingProxy } from './counting-proxy.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import { openSmallCoordinator, RUN_ID, TASK, TICKET } from './small-coordinator.ts';

export const manifest = parseManifest(TASK);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export async function aCoordinator(...settings: Parameters<typeof openSmallCoordinator>) {
  const coordinator = await openSmallCoordinator(...settings);
  endings.push(() => coordinator.close());
  return coordinator;
}

export async function aProxy(targetPort: number) {
  const proxy = await openCountingProxy(targetPort);
  endings.push(() => proxy.close());
  return proxy;
}

/** Forty rows: enough for both parts of the split. */
export async function someExamples(count = 40) {
  const vault = createMemoryVault('device');
  const inputs = Uint8Array.from({ length: 4 * count }, (_, i) => (i * 37) % 256);
  await vault.create(
    { name: 'some', schema: manifest.data, source: { kind: 'generated' }, encrypted: false },
    { inputs, rowSize: 4, labels: Array.from({ length: count }, (_, row) => row % 2) },
  );
  return privateDataOf(vault, { runId: RUN_ID, data: manifest.data });
}

export async function aParticipant(
  options: Pick<ParticipantOptions, 'coordinatorUrl'> & Partial<ParticipantOptions>,
) {
  const participant = createParticipant({
    runId: RUN_ID,
    manifest,
    ticket: TICKET,
    trainer: createMeasuredTrainer(),
    data: await someExamples(),
    storage: createMemoryStorage(),
    ...options,
  });
  endings.push(() => participant.dispose());
  return participant;
}

export function watch(participant: Participant) {
  const seen = {
    phases: [] as string[],
    faults: [] as ParticipantFault[],
    evaluations: [] as HeldOutEvaluation[],
    entries: [] as LedgerEntry[],
    everything: [] as unknown[],
  };
  participant.on('state', ({ participation }) => {
    const { phase } = participation.activity;
    if (seen.phases.at(-1) !== phase) seen.phases.push(phase);
  });
  participant.on('error', (fault) => seen.faults.push(fault));
  participant.on('evaluation', (evaluation) => seen.evaluations.push(evaluation));
  participant.on('ledger', (entry) => seen.entries.push(entry));
  for (const name of ['state', 'progress', 'ledger', 'evaluation', 'error'] as const) {
    participant.on(name, (event) => seen.everything.push(structuredClone(event)));
  }
  return seen;
}

export function reached(participant: Participant, phase: string): Promise<ParticipantView> {
  return new Promise((resolve) => {
    const check = (view: ParticipantView) => {
      if (view.participation.activity.phase !== phase) return;
      stop();
      resolve(view);
    };
    const stop = participant.on('state', check);
    check(participant.view);
  });
}

export const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};
