/**
 * Where updates come in. Checked in this order, each before more is spent on it: ticket, round and membership,
 * announced length (while streaming to disk), then, on another thread, hash and numbers. An update is acknowledged only
 * after its bytes and the state that counts it are durable; then its ticket is consumed.
 *
 * Bytes that are not the announced update change nothing, and may be sent again; an upload that broke off goes on from
 * where it stopped. An announced update whose numbers fail will never pass, so its member is released.
 */
import type { Readable } from 'node:stream';
import {
  type CohortMember,
  errorCodeOf,
  isSurvivor,
  membersOf,
  TributaryError,
  type UploadAccepted,
} from '@tributary/fl-core';
import type { Aggregation, CheckedUpdate } from '../aggregation/aggregation.ts';
import type { Tickets, UploadGrant } from '../auth/tickets.ts';
import type { RunRegistry } from '../run/run-registry.ts';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import type { Storage } from '../storage/storage.ts';
import { openUploads } from './open-uploads.ts';
import { openReadingSeats } from './reading-seats.ts';
import { receiveBody, type UploadPace } from './receive-body.ts';

export interface UpdateDoorParts {
  readonly runs: RunRegistry;
  readonly tickets: Tickets;
  readonly storage: Storage;
  readonly aggregation: Aggregation;
  readonly pace: UploadPace;
}

export interface UpdateDoor {
  /**
   * How many bytes of the update are here: all of them once it is accepted. Ends a connection that still brings some:
   * whoever asks is about to go on.
   */
  held(ticket: string): Promise<number>;
  /**
   * @param offset where the body goes on; null when it is the whole update
   * @throws TributaryError whose code tells the sender what was wrong
   */
  receive(ticket: string, body: Readable, offset: number | null): Promise<UploadAccepted>;
}

/** Says where the upload stands, so that the next try can be right. */
export class WrongOffset extends TributaryError {
  readonly held: number;

  constructor(held: number) {
    super('upload-offset-mismatch', `this upload goes on behind ${held} bytes`);
    this.held = held;
  }
}

/** More at once would not be faster: a disk takes them one after another. What waits longer in memory costs more of it. */
const READING = { seats: 8, sliceMs: 250 };

export function updateDoor({ runs, tickets, storage, aggregation, pace }: UpdateDoorParts): UpdateDoor {
  const uploads = openUploads();
  const seats = openReadingSeats(READING);

  return {
    async held(ticket) {
      const turn = uploads.turn();
      const grant = await tickets.readUpload(ticket);
      const run = runs.get(grant.runId);
      if (await isAccepted(run, grant, storage)) return grant.updateBytes;
      awaitedMember(run, grant);
      return uploads.alone(nameOf(grant), { turn, isOver: () => false }, () => run.updates.held(grant));
    },

    async receive(ticket, body, offset) {
      const connection = { turn: uploads.turn(), isOver: () => body.destroyed };
      const grant = await tickets.readUpload(ticket);
      const run = runs.get(grant.runId);
      if (await isAccepted(run, grant, storage)) return acknowledgement(grant);
      awaitedMember(run, grant);
      return uploads.alone(nameOf(grant), connection, async (signal) => {
        // The one that was ended may have been whole.
        if (await isAccepted(run, grant, storage)) return acknowledgement(grant);
        try {
          await receiveRest(run, grant, { body, offset, signal });
          await settle(run, grant, await check(run, grant));
          return acknowledgement(grant);
        } finally {
          // Its round may have ended while it streamed in; then nobody else would delete it.
          await deleteUnlessAwaited(run, grant);
        }
      });
    },
  };

  async function receiveRest(
    run: RunSupervisor,
    grant: UploadGrant,
    { body, offset, signal }: { body: Readable; offset: number | null; signal: AbortSignal },
  ): Promise<void> {
    const held = await run.updates.held(grant);
    if (offset !== null && offset !== held) throw new WrongOffset(held);
    const file = await run.updates.open(grant, offset ?? 0);
    try {
      await receiveBody(body, file, {
        bytes: grant.updateBytes - (offset ?? 0),
        pace,
        seats,
        signal,
        onBytes: (count) => run.countUpload(count),
      });
      await file.sync();
    } catch (error) {
      if (errorCodeOf(error) !== 'upload-interrupted') await run.updates.discard(grant);
      throw error;
    } finally {
      await file.close();
    }
  }

  async function check(run: RunSupervisor, grant: UploadGrant): Promise<CheckedUpdate> {
    const { announcement } = awaitedMember(run, grant);
    const exampleCount = 'exampleCount' in announcement ? announcement.exampleCount : null;
    const { clientId, roundNumber, updateHash, updateBytes } = grant;
    try {
      return await aggregation.check({
        sum: { runId: run.runId, roundNumber },
        rules: run.sumRules,
        candidate: { clientId, updateHash, updateBytes, exampleCount },
        at: run.updates.locateUpload(grant),
      });
    } catch (error) {
      await run.updates.discard(grant);
      const code = errorCodeOf(error);
      if (code !== 'internal' && code !== 'blob-missing' && code !== 'update-hash-mismatch') {
        await run.feed({ type: 'updateRefused', clientId, roundNumber });
      }
      throw error;
    }
  }

  /** Blob, then row; the caller acknowledges. What the rules do not take is in no sum. */
  async function settle(run: RunSupervisor, grant: UploadGrant, checked: CheckedUpdate): Promise<void> {
    const { clientId, roundNumber, updateHash } = grant;
    let isTaken = false;
    try {
      awaitedMember(run, grant);
      await run.updates.keep(grant);
      const refusal = await run.feed({ type: 'updateReceived', clientId, roundNumber, updateHash });
      if (refusal) throw new TributaryError(refusal.code, refusal.message);
      isTaken = true;
    } finally {
      if (isTaken) checked.fold();
      else checked.drop();
    }
  }
}

const nameOf = ({ runId, roundNumber, clientId }: UploadGrant): string =>
  `${runId}/${roundNumber}/${clientId}`;

function acknowledgement({ roundNumber, updateHash, updateBytes }: UploadGrant): UploadAccepted {
  return { accepted: true, roundNumber, updateHash, bytes: updateBytes };
}

/** In the round in progress, or in the sum of the last one that this client was part of. */
async function isAccepted(run: RunSupervisor, grant: UploadGrant, storage: Storage): Promise<boolean> {
  const member = run.state.roundNumber === grant.roundNumber ? memberOf(run, grant) : undefined;
  if (member && isSurvivor(member)) return member.announcement.updateHash === grant.updateHash;
  if (member) return false;
  const last = await storage.runs.contributionOf(grant.runId, grant.clientId);
  return last?.lastRoundNumber === grant.roundNumber && last.lastUpdateHash === grant.updateHash;
}

function awaitedMember(
  run: RunSupervisor,
  grant: UploadGrant,
): Extract<CohortMember, { announcement: unknown }> {
  const { round } = run.state;
  if (round?.roundNumber !== grant.roundNumber || round.modelHash !== grant.modelHash) {
    throw new TributaryError('round-mismatch', `round ${grant.roundNumber} is over`);
  }
  if (round.phase !== 'reporting') {
    throw new TributaryError('phase-mismatch', `round ${grant.roundNumber} is not receiving updates`);
  }
  const member = memberOf(run, grant);
  const isAwaited = member?.stage === 'ready' || member?.stage === 'masked';
  if (!isAwaited || member.announcement.updateHash !== grant.updateHash) {
    throw new TributaryError('not-a-member', `this update is not awaited in round ${grant.roundNumber}`);
  }
  return member;
}

function memberOf(run: RunSupervisor, grant: UploadGrant): CohortMember | undefined {
  const round = run.state.round;
  if (!round || round.phase === 'training') return undefined;
  return membersOf(round).find((member): member is CohortMember => member.clientId === grant.clientId);
}

async function deleteUnlessAwaited(run: RunSupervisor, grant: UploadGrant): Promise<void> {
  const { awaitsUpdate, awaitsUpload } = run.awaits;
  if (!awaitsUpload(grant)) await run.updates.discard(grant);
  // Another member may have announced the very same bytes.
  if (!awaitsUpdate(grant.updateHash)) await run.updates.delete(grant.updateHash);
}
