/**
 * One visit to one run: owns the participant and gathers what it tells into snapshots that the page draws. The page
 * reads `snapshot()`; everything that changes it comes through here.
 */
import {
  errorCodeOf,
  type JoinInfo,
  type LeaveReason,
  type ParticipationState,
  startParticipation,
  TributaryError,
} from '@tributary/fl-core';
import {
  createParticipant,
  createWorkerEncoder,
  type HeldOutEvaluation,
  type LedgerEntry,
  type Participant,
  type ParticipantFault,
  type ParticipantProgress,
  type ParticipantView,
  type PrivateData,
  type SecureSumReport,
} from '@tributary/participant';
import { openWorker } from '../trusted-types.ts';
import { roundNumberOf } from './activity-words.ts';
import { preferredBackend } from './backend-preference.ts';
import type { DeviceRecords } from './device.ts';
import encodingWorker from './encoding.worker.ts?worker&url';
import { type OtherTab, openLeaderTab } from './leader-tab.ts';
import { type LedgerList, ledgerListOf, withEntry } from './ledger-list.ts';
import { openWorkerTrainer } from './open-trainer.ts';
import { forgetChoices, type OwnAccuracy, recallRun, rememberRun } from './run-memory.ts';
import { secureSumPolicy } from './smallest-group.ts';
import { deviceWorkLimit } from './work-limit.ts';

/** What a press of a button has set going and is not done yet. */
export type Busy = 'starting' | 'pausing' | 'stopping' | 'erasing';

export interface SessionSnapshot {
  readonly view: ParticipantView;
  readonly progress: ParticipantProgress | null;
  /** The newest round that this device was invited to in this visit. */
  readonly roundNumber: number | null;
  readonly takingPart: boolean;
  /** The person paused: Resume goes on. */
  readonly paused: boolean;
  readonly busy: Busy | null;
  /** This visit went on by itself where an earlier one was. */
  readonly resumed: boolean;
  /** The tab of this browser that takes part instead of this one. */
  readonly other: OtherTab | null;
  readonly first: OwnAccuracy | null;
  readonly latest: OwnAccuracy | null;
  readonly thisRound: { readonly before: number; readonly after: number } | null;
  /** The newest secure sum of this visit. */
  readonly secureSum: SecureSumReport | null;
  readonly ledger: LedgerList;
  readonly fault: ParticipantFault | null;
  /** Nothing of the run is on this device any more. */
  readonly erased: boolean;
  /** Data sets that were not erased with it, as far as this tab knows. */
  readonly keptDataSets: number;
}

export interface Session {
  snapshot(): SessionSnapshot;
  subscribe(listener: () => void): () => void;
  /** Starts, or goes on after a pause. `by-force` takes over from another tab. */
  start(how?: 'if-free' | 'by-force'): Promise<void>;
  /** An earlier visit was interrupted, and may go on. */
  resumeVisit(): Promise<void>;
  pause(how: 'after-round' | 'now'): Promise<void>;
  stop(reason?: LeaveReason): Promise<void>;
  /**
   * Says goodbye in every tab and every run of this browser, ends the work, and lets `erase` remove everything (it tells
   * how many data sets stay); then this device is a stranger.
   */
  leaveAndErase(erase: () => Promise<number>): Promise<void>;
  /** For what leaves outside of taking part. */
  noteDeparture(entry: LedgerEntry): void;
  /** The exact bytes of a ledger entry, if they are still kept. */
  sentPayload(sha256: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

interface SessionOptions {
  readonly ticket: string;
  readonly join: JoinInfo;
  readonly records: DeviceRecords;
  readonly data: PrivateData;
}

/** A coordinator that is away must not keep a person from leaving. */
const GOODBYE_MS = 3000;

export async function openSession({ ticket, join, records, data }: SessionOptions): Promise<Session> {
  const { runId, manifest } = join;
  const remembered = recallRun(runId);
  const stored = await records.storage.loadParticipation(runId);

  let snapshot: SessionSnapshot = {
    view: withContributions({ participation: startParticipation(), pace: 'paused', backend: null }, stored),
    progress: null,
    roundNumber: stored && roundNumberOf(stored.activity),
    takingPart: false,
    paused: remembered.chosen === 'paused',
    busy: null,
    resumed: false,
    other: null,
    first: remembered.first,
    latest: remembered.latest,
    thisRound: null,
    secureSum: null,
    ledger: ledgerListOf(
      (await records.storage.readLedger()).filter((entry) => entry.runId === runId || entry.runId === null),
    ),
    fault: null,
    erased: false,
    keptDataSets: 0,
  };
  const listeners = new Set<() => void>();
  const change = (part: Partial<SessionSnapshot>) => {
    snapshot = { ...snapshot, ...part };
    for (const listener of listeners) listener();
  };

  const leader = openLeaderTab(runId, {
    other: (other) => change({ other }),
    describe: () => ({
      phase: snapshot.view.participation.activity.phase,
      roundNumber: snapshot.roundNumber,
      contributions: snapshot.view.participation.contributions,
      fraction: snapshot.progress?.fraction ?? null,
    }),
    async handOver(leaving) {
      presses += 1;
      const press = presses;
      change({ takingPart: false, paused: false, resumed: false, progress: null, busy: null });
      if (leaving) await goodbye(leaving);
      // Who presses Start again meanwhile goes on with it.
      if (press === presses) await endPart();
    },
    async ending() {
      presses += 1;
      await goodbye('data-erased');
      change({ takingPart: false, paused: false, resumed: false, progress: null, busy: null });
      await endPart();
    },
    erased() {
      presses += 1;
      change({ erased: true, takingPart: false, progress: null, busy: null });
      // This tab may have been too busy to end before; what it noted meanwhile goes, too.
      void endPart().finally(forgetChoices);
    },
  });

  /** Lives from Start until another tab takes over or the visit ends; it may rest in between. */
  let participant: Participant | null = null;
  /** Counts presses of buttons: a start that waited for its turn must not outlive a later Stop. */
  let presses = 0;

  function openPart(): Participant {
    const opened = createParticipant({
      coordinatorUrl: location.origin,
      runId,
      manifest,
      ticket,
      trainer: (task, signal) =>
        openWorkerTrainer(task, {
          preferred: preferredBackend(location.search),
          signal,
          onBackend: () => change({ view: opened.view }),
        }),
      encoder: createWorkerEncoder(() => openWorker(encodingWorker)),
      workLimit: deviceWorkLimit(),
      secureSum: secureSumPolicy,
      data,
      storage: records.storage,
    });
    opened.on('state', (view) => sawState(view));
    // A trainer may have been opened since the last state: the view tells which.
    opened.on('progress', (progress) => change({ progress, view: opened.view }));
    opened.on('ledger', noteDeparture);
    opened.on('evaluation', observe);
    opened.on('secureSum', (secureSum) => change({ secureSum }));
    opened.on('error', (fault) => change({ fault }));
    return opened;
  }

  async function endPart(): Promise<void> {
    const ended = participant;
    participant = null;
    await ended?.dispose();
  }

  function sawState(view: ParticipantView): void {
    // What a lost connection broke is whole again with it.
    const isBack = view.participation.connected && !snapshot.view.participation.connected;
    const { phase } = view.participation.activity;
    // What an earlier turn still says of its end, while a new start is under way, does not end that.
    const isStarting = snapshot.busy === 'starting';
    const isAtRest = ['ended', 'refused', 'left'].includes(phase);
    const isOver = isAtRest && !isStarting;
    change({
      view,
      roundNumber: roundNumberOf(view.participation.activity) ?? snapshot.roundNumber,
      ...(isBack && { fault: null }),
      ...(isOver && { takingPart: false, busy: null }),
      ...(isOver && snapshot.busy === 'pausing' && { paused: true }),
      ...(phase !== 'idle' && !isAtRest && isStarting && { busy: null }),
      ...(!isWorking(view) && { progress: null }),
    });
    if (isOver) leader.release();
    else leader.tell();
  }

  let beforeTraining = Number.NaN;
  function observe(event: HeldOutEvaluation): void {
    const { accuracy, exampleCount } = event.evaluation;
    if (event.moment === 'after') {
      if (!Number.isNaN(beforeTraining)) change({ thisRound: { before: beforeTraining, after: accuracy } });
      return;
    }
    beforeTraining = accuracy;
    const latest = { accuracy, exampleCount };
    const first = snapshot.first ?? latest;
    rememberRun(runId, { first, latest });
    change({ first, latest });
  }

  function noteDeparture(entry: LedgerEntry): void {
    change({ ledger: withEntry(snapshot.ledger, entry) });
  }

  async function start(how: 'if-free' | 'by-force' = 'if-free'): Promise<void> {
    if (snapshot.takingPart && snapshot.busy !== 'pausing') return;
    presses += 1;
    const press = presses;
    const wasTakingPart = snapshot.takingPart;
    change({ takingPart: true, paused: false, busy: 'starting', fault: null });
    if (!wasTakingPart) {
      const isMine = await leader.take(how);
      if (press !== presses) return isMine ? leader.release() : undefined;
      if (!isMine) {
        await endPart();
        return change({ takingPart: false, busy: null, fault: OTHER_TAB });
      }
    }
    rememberRun(runId, { chosen: 'on' });
    try {
      participant ??= openPart();
      await participant.start();
      if (press === presses) change({ busy: null });
    } catch (error) {
      if (press !== presses) return;
      leader.release();
      rememberRun(runId, { chosen: 'off' });
      change({ takingPart: false, busy: null, fault: faultOf(error) });
    }
  }

  async function goodbye(reason: LeaveReason): Promise<void> {
    const left = participant?.leave(reason).catch(() => {});
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
  }

  return {
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start,
    async resumeVisit() {
      if (remembered.chosen !== 'on' || snapshot.takingPart) return;
      await start();
      change({ resumed: snapshot.takingPart });
    },
    async pause(how) {
      if (!snapshot.takingPart) return;
      presses += 1;
      rememberRun(runId, { chosen: 'paused' });
      change({ busy: 'pausing', resumed: false });
      await participant?.pause(how);
      if (participant && participant.view.participation.activity.phase !== 'idle') return;
      // It had not begun yet.
      leader.release();
      change({ takingPart: false, paused: true, busy: null });
    },
    async stop(reason = 'stopped-by-person') {
      presses += 1;
      const press = presses;
      rememberRun(runId, { chosen: 'off' });
      change({ busy: 'stopping', takingPart: false, paused: false, resumed: false, progress: null });
      // Stop means that this device stops, whichever tab it is.
      if (snapshot.other) await leader.take(reason);
      const leaveSeat = leader.seat();
      await goodbye(reason);
      leaveSeat();
      if (press === presses) change({ busy: null });
    },
    async leaveAndErase(erase) {
      presses += 1;
      change({ busy: 'erasing', takingPart: false, paused: false, resumed: false, progress: null });
      try {
        if (snapshot.other) await leader.take('data-erased');
        await goodbye('data-erased');
        await endPart();
        await leader.endAll();
        const keptDataSets = await erase();
        leader.release();
        leader.tellErased();
        change({ erased: true, keptDataSets, busy: null });
      } catch (error) {
        leader.release();
        change({ busy: null, fault: faultOf(error) });
      }
    },
    noteDeparture,
    sentPayload: (sha256) => records.storage.sentPayload(sha256),
    async close() {
      leader.close();
      await endPart();
    },
  };
}

/** Said when the lock is taken and nobody has told yet who has it. */
const OTHER_TAB: ParticipantFault = { code: 'identity-in-use', message: 'another tab takes part' };

const isWorking = ({ participation }: ParticipantView) =>
  ['downloading', 'training', 'uploading'].includes(participation.activity.phase);

/** Before Start nothing is loaded into the participant; what it did on earlier days counts all the same. */
function withContributions(view: ParticipantView, stored: ParticipationState | null): ParticipantView {
  if (!stored) return view;
  return { ...view, participation: { ...view.participation, contributions: stored.contributions } };
}

function faultOf(error: unknown): ParticipantFault {
  const message = error instanceof TributaryError ? error.message : 'this did not work';
  return { code: errorCodeOf(error), message };
}
