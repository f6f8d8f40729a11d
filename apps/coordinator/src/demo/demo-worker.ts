/**
 * The thread of the virtual participants. They are ordinary participants: they know the coordinator's address and
 * a ticket, and everything they do goes over the network.
 */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { JoinInfo } from '@tributary/fl-core';
import {
  createMemoryStorage,
  createParticipant,
  createPlainDeviceKey,
  fetchJoinInfo,
  type Participant,
} from '@tributary/participant';
import { createEngineTrainer, threadEngines } from '@tributary/training/local';
import { measureAloneBaseline } from './alone-baseline.ts';
import { DEMO_PARTICIPANTS, demoShard } from './demo-task.ts';
import { pacedTrainer } from './paced-trainer.ts';

export interface DemoWorkerData {
  readonly coordinatorUrl: string;
  readonly ticket: string;
  readonly deviceSeed: string;
  readonly measuresBaseline: boolean;
}

export type DemoWorkerMessage =
  | { readonly type: 'baselineMeasured'; readonly soloAccuracy: number }
  | { readonly type: 'faultMet'; readonly message: string };

/** Local training takes the fastest and the slowest participant this long, in seconds. */
const FASTEST = 0.7;
const SLOWEST = 1.4;

const { coordinatorUrl, ticket, deviceSeed, measuresBaseline } = workerData as DemoWorkerData;
const lifetime = new AbortController();
const { signal } = lifetime;
const trainer = createEngineTrainer(threadEngines());

parentPort?.once('message', () => void close());
const participants: Participant[] = [];
try {
  await takePart();
  if (measuresBaseline)
    tell({ type: 'baselineMeasured', soloAccuracy: await measureAloneBaseline(trainer, { signal }) });
} catch (error) {
  if (!signal.aborted) tell({ type: 'faultMet', message: messageOf(error) });
}

async function takePart(): Promise<void> {
  const join = await fetchJoinInfo({ coordinatorUrl, ticket, storage: createMemoryStorage(), signal });
  for (let index = 0; index < DEMO_PARTICIPANTS; index += 1) {
    const participant = createVirtualParticipant(index, join);
    participants.push(participant);
    await participant.start();
  }
}

function createVirtualParticipant(index: number, { runId, manifest }: JoinInfo): Participant {
  const shard = demoShard(index);
  const participant = createParticipant({
    coordinatorUrl,
    runId,
    manifest,
    ticket,
    trainer: pacedTrainer(trainer, FASTEST + ((SLOWEST - FASTEST) * index) / (DEMO_PARTICIPANTS - 1)),
    data: {
      exampleCount: async () => shard.training.count,
      trainingExamples: async () => shard.training,
      heldOutExamples: async () => shard.heldOut,
    },
    storage: { ...createMemoryStorage(), deviceKey: () => createPlainDeviceKey(deviceSecretOf(index)) },
    signal,
  });
  participant.on('error', (fault) =>
    tell({ type: 'faultMet', message: `virtual participant ${index}: ${fault.message}` }),
  );
  return participant;
}

/** The same device after every restart. */
function deviceSecretOf(index: number): Uint8Array {
  return createHash('sha256').update(`tributary/demo-device/v1/${deviceSeed}/${index}`).digest();
}

async function close(): Promise<void> {
  lifetime.abort();
  await Promise.all(participants.map((participant) => participant.dispose()));
  parentPort?.close();
}

function tell(message: DemoWorkerMessage): void {
  parentPort?.postMessage(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
