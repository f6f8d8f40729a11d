/**
 * Where updates come in. Checked in this order, each before more is spent on it: ticket, round and membership,
 * announced length and hash (while streaming to disk), then the numbers. An update is acknowledged only after
 * its blob and the state that counts it are durable.
 *
 * Bytes that are not the announced update change nothing, and may be sent again. An announced update whose
 * numbers fail will never pass, so its member is released.
 */
import type { Readable } from 'node:stream';
import {
  type BlobHash,
  type CohortMember,
  checkUpdate,
  errorCodeOf,
  membersOf,
  TributaryError,
  type UploadAccepted,
} from '@tributary/fl-core';
import type { Tickets, UploadGrant } from '../auth/tickets.ts';
import { nativeSha256 } from '../native-sha256.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import type { Storage } from '../storage/storage.ts';

export interface UpdateDoorParts {
  readonly runs: RunRegistry;
  readonly tickets: Tickets;
  readonly storage: Storage;
}

export interface UpdateDoor {
  /** @throws TributaryError whose code tells the sender what was wrong */
  receive(ticket: string, body: Readable): Promise<UploadAccepted>;
}

export function updateDoor({ runs, tickets, storage }: UpdateDoorParts): UpdateDoor {
  /** One update at a time is in memory for its check. */
  let checking: Promise<unknown> = Promise.resolve();

  return {
    async receive(ticket, body) {
      const grant = await tickets.readUpload(ticket);
      const run = runs.get(grant.runId);
      if (await isAccepted(run, grant, storage)) return acknowledgement(grant);
      checkMembership(run, grant);

      await run.updates.put(countingUpload(body, run), { hash: grant.updateHash, bytes: grant.updateBytes });
      try {
        const checked = checking.then(() => checkNumbers(run, grant));
        checking = checked.catch(() => {});
        await checked;

        const refusal = await run.feed({
          type: 'updateReceived',
          clientId: grant.clientId,
          roundNumber: grant.roundNumber,
          updateHash: grant.updateHash,
        });
        // The same update may have come twice at once: the second is no less accepted.
        if (refusal && !(await isAccepted(run, grant, storage))) {
          throw new TributaryError(refusal.code, refusal.message);
        }
        return acknowledgement(grant);
      } finally {
        // Its round may have ended while it streamed in; then nobody else would delete it.
        await deleteUnlessAwaited(run, grant.updateHash);
      }
    },
  };
}

function acknowledgement({ roundNumber, updateHash, updateBytes }: UploadGrant): UploadAccepted {
  return { accepted: true, roundNumber, updateHash, bytes: updateBytes };
}

/** In the round in progress, or in the sum of the last one that this client was part of. */
async function isAccepted(run: RunSupervisor, grant: UploadGrant, storage: Storage): Promise<boolean> {
  if (run.state.roundNumber === grant.roundNumber && memberOf(run, grant)?.stage === 'reported') return true;
  const last = await storage.runs.contributionOf(grant.runId, grant.clientId);
  return last?.lastRoundNumber === grant.roundNumber && last.lastUpdateHash === grant.updateHash;
}

function checkMembership(run: RunSupervisor, grant: UploadGrant): void {
  const { round } = run.state;
  if (round?.roundNumber !== grant.roundNumber) {
    throw new TributaryError('round-mismatch', `round ${grant.roundNumber} is over`);
  }
  if (round.phase !== 'reporting') {
    throw new TributaryError('phase-mismatch', `round ${grant.roundNumber} is not receiving updates`);
  }
  const member = memberOf(run, grant);
  if (member?.stage !== 'ready' || member.announcement.updateHash !== grant.updateHash) {
    throw new TributaryError('not-a-member', `this update is not awaited in round ${grant.roundNumber}`);
  }
}

function memberOf(run: RunSupervisor, grant: UploadGrant): CohortMember | undefined {
  const round = run.state.round;
  if (!round || round.phase === 'training') return undefined;
  return membersOf(round).find((member): member is CohortMember => member.clientId === grant.clientId);
}

async function checkNumbers(run: RunSupervisor, grant: UploadGrant): Promise<void> {
  const bytes = await run.updates.get(grant.updateHash);
  try {
    checkUpdate(bytes, { manifest: run.manifest, sha256: nativeSha256 });
  } catch (error) {
    if (errorCodeOf(error) === 'internal') throw error;
    await run.feed({ type: 'updateRefused', clientId: grant.clientId, roundNumber: grant.roundNumber });
    throw error;
  }
}

/** Another member may have announced the very same bytes. */
async function deleteUnlessAwaited(run: RunSupervisor, hash: BlobHash): Promise<void> {
  const round = run.state.round;
  const isAwaited =
    round &&
    membersOf(round).some((member) => 'announcement' in member && member.announcement.updateHash === hash);
  if (!isAwaited) await run.updates.delete(hash);
}

async function* countingUpload(body: Readable, run: RunSupervisor): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    run.countUpload(chunk.length);
    yield chunk;
  }
}
