import type { Trainer } from '@tributary/fl-core';
import {
  createParticipant,
  fetchJoinInfo,
  openIndexedDbStorage,
  openIndexedDbVault,
  privateDataOf,
} from '@tributary/participant';

export async function takePart(
  coordinatorUrl: string,
  ticket: string,
  trainer: Trainer,
  signal: AbortSignal,
) {
  const storage = await openIndexedDbStorage();
  const { runId, manifest } = await fetchJoinInfo({ coordinatorUrl, ticket, storage, signal });
  const vault = await openIndexedDbVault();
  const data = privateDataOf(vault, { runId, data: manifest.data });
  const participant = createParticipant({
    ...{ coordinatorUrl, runId, manifest, ticket },
    ...{ trainer, data, storage, signal },
  });
  participant.on('state', ({ participation }) => console.log(participation.activity.phase));
  participant.on('evaluation', ({ moment, evaluation }) => console.log(moment, evaluation.accuracy));
  participant.on('ledger', ({ subject, bytes }) => console.log(`${bytes} bytes leave: ${subject}`));
  participant.on('error', ({ message }) => console.warn(message));
  await participant.start();
  return participant;
}
