/**
 * One visit to one run: owns the participant and gathers what it tells into snapshots that the page draws. The page
 * reads `snapshot()`; everything that changes it comes through here.
 */
import { type JoinInfo, type ParticipationState, TributaryError } from '@tributary/fl-core';
import {
  createParticipant,
  type HeldOutEvaluation,
  type ParticipantFault,
  type ParticipantProgress,
  type ParticipantView,
  type PrivateData,
} from '@tributary/participant';
import { roundNumberOf } from './activity-words.ts';
import { preferredBackend } from './backend-preference.ts';
import type { DeviceRecords } from './device.ts';
import { type LedgerList, ledgerListOf, withEntry } from './ledger-list.ts';
import { holdOnlyTab } from './one-tab.ts';
import { openWorkerTrainer } from './open-trainer.ts';
import { type OwnAccuracy, recallRun, rememberRun } from './run-memory.ts';

export interface SessionSnapshot {
  readonly view: ParticipantView;
  readonly progress: ParticipantProgress | null;
  /** The newest round that this device was invited to in this visit. */
  readonly roundNumber: number | null;
  readonly takingPart: boolean;
  /** This visit went on by itself where an earlier one was. */
  readonly resumed: boolean;
  readonly otherTab: boolean;
  readonly first: OwnAccuracy | null;
  readonly latest: OwnAccuracy | null;
  readonly thisRound: { readonly before: number; readonly after: number } | null;
  readonly ledger: LedgerList;
  readonly fault: ParticipantFault | null;
}

export interface Session {
  snapshot(): SessionSnapshot;
  subscribe(listener: () => void): () => void;
  start(): Promise<void>;
  stop(reason?: 'stopped-by-person' | 'data-erased'): Promise<void>;
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

export async function openSession({ ticket, join, records, data }: SessionOptions): Promise<Session> {
  const { runId } = join;
  const remembered = recallRun(runId);
  const participant = createParticipant({
    coordinatorUrl: location.origin,
    runId,
    ticket,
    trainer: (task, signal) =>
      openWorkerTrainer(task, { preferred: preferredBackend(location.search), signal }),
    data,
    storage: records.storage,
  });
  const stored = await records.storage.loadParticipation(runId);

  let snapshot: SessionSnapshot = {
    view: withContributions(participant.view, stored),
    progress: null,
    roundNumber: stored && roundNumberOf(stored.activity),
    takingPart: false,
    resumed: false,
    otherTab: false,
    first: remembered.first,
    latest: remembered.latest,
    thisRound: null,
    ledger: ledgerListOf(
      (await records.storage.readLedger()).filter((entry) => entry.runId === runId || entry.runId === null),
    ),
    fault: null,
  };
  const listeners = new Set<() => void>();
  const change = (part: Partial<SessionSnapshot>) => {
    snapshot = { ...snapshot, ...part };
    for (const listener of listeners) listener();
  };

  let beforeTraining = Number.NaN;
  const observe = (event: HeldOutEvaluation) => {
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
  };

  participant.on('state', (view) => {
    // What a lost connection broke is whole again with it.
    const isBack = view.participation.connected && !snapshot.view.participation.connected;
    const over = ['ended', 'refused', 'left'].includes(view.participation.activity.phase);
    if (over) letGo();
    const roundNumber = roundNumberOf(view.participation.activity) ?? snapshot.roundNumber;
    change({
      view,
      roundNumber,
      ...(isBack && { fault: null }),
      ...(over && { takingPart: false }),
      ...(!isWorking(view) && { progress: null }),
    });
  });
  // A trainer may have been opened since the last state: the view tells which.
  participant.on('progress', (progress) => change({ progress, view: participant.view }));
  participant.on('ledger', (entry) => change({ ledger: withEntry(snapshot.ledger, entry) }));
  participant.on('evaluation', observe);
  participant.on('error', (fault) => change({ fault }));

  let tab: { release(): void } | null = null;
  const letGo = () => {
    tab?.release();
    tab = null;
  };

  /** Counts presses of Start and Stop: a start that waited for its turn must not outlive a later Stop. */
  let presses = 0;

  async function start(): Promise<void> {
    if (snapshot.takingPart) return;
    presses += 1;
    const press = presses;
    change({ takingPart: true, otherTab: false, fault: null });
    const held = await holdOnlyTab(runId);
    if (press !== presses) return held?.release();
    if (!held) return change({ takingPart: false, otherTab: true });
    tab = held;
    rememberRun(runId, { takingPart: true });
    try {
      await participant.start();
    } catch (error) {
      letGo();
      rememberRun(runId, { takingPart: false });
      change({ takingPart: false, fault: faultOf(error) });
    }
  }

  // An interrupted visit goes on by itself: consent was given and Start pressed, and both still stand.
  if (remembered.takingPart && remembered.consented) {
    void start().then(() => change({ resumed: snapshot.takingPart }));
  }

  return {
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start,
    async stop(reason = 'stopped-by-person') {
      presses += 1;
      rememberRun(runId, { takingPart: false });
      change({ takingPart: false, resumed: false, progress: null });
      await participant.leave(reason);
      letGo();
    },
    sentPayload: (sha256) => records.storage.sentPayload(sha256),
    async close() {
      letGo();
      await participant.dispose();
    },
  };
}

const isWorking = ({ participation }: ParticipantView) =>
  ['downloading', 'training', 'uploading'].includes(participation.activity.phase);

/** Before Start nothing is loaded into the participant; what it did on earlier days counts all the same. */
function withContributions(view: ParticipantView, stored: ParticipationState | null): ParticipantView {
  if (!stored) return view;
  return { ...view, participation: { ...view.participation, contributions: stored.contributions } };
}

function faultOf(error: unknown): ParticipantFault {
  if (error instanceof TributaryError) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'starting did not work' };
}
