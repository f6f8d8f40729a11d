/** Whether this person has agreed to what the page says now, and the receipt of it. */
import type { JoinInfo } from '@tributary/fl-core';
import { openDeviceIdentity, type ParticipantStorage } from '@tributary/participant';
import { useEffect, useRef, useState } from 'react';
import { spokenLanguage } from '../messages/index.ts';
import {
  type ConsentChange,
  type ConsentOffer,
  type ConsentReceipt,
  changesSince,
  signConsent,
} from './consent-receipt.ts';
import { consentText } from './consent-text.ts';
import { recallRun, rememberRun } from './run-memory.ts';

export type ConsentState =
  | { readonly kind: 'checking' }
  /** `changes`: what is different from what was agreed to before; empty for a first visit. */
  | { readonly kind: 'open'; readonly changes: readonly ConsentChange[] }
  | { readonly kind: 'signing' }
  | { readonly kind: 'given'; readonly receipt: ConsentReceipt; readonly isKept: boolean }
  /** No key. */
  | { readonly kind: 'failed' };

export interface Consent {
  readonly state: ConsentState;
  give(): Promise<void>;
  withdraw(): void;
}

export interface ConsentHandlers {
  /** Called once when an earlier consent still stands. */
  readonly onStanding: () => void;
  /** It was taken back; in another tab also by erasing everything. */
  readonly onWithdrawn: (where: 'here' | 'in-another-tab') => void;
}

export function useConsent(
  join: JoinInfo,
  storage: ParticipantStorage,
  { onStanding, onWithdrawn }: ConsentHandlers,
): Consent {
  const { runId } = join;
  const [state, setState] = useState<ConsentState>({ kind: 'checking' });
  /** Counts what was chosen: a signature that comes after consent was taken back is none. */
  const choices = useRef(0);
  const withdrawn = useRef(onWithdrawn);
  useEffect(() => {
    withdrawn.current = onWithdrawn;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the run of a page does not change
  useEffect(() => {
    const { consent: receipt } = recallRun(runId);
    if (!receipt) return setState({ kind: 'open', changes: [] });
    openDeviceIdentity(storage)
      .then(({ publicKey }) => changesSince(receipt, offerOf(join), publicKey))
      // A receipt that cannot be read is none.
      .catch((): readonly ConsentChange[] => ['device'])
      .then((changes) => {
        // Taken back in another tab while it was looked at.
        if (!recallRun(runId).consent) return setState({ kind: 'open', changes: [] });
        if (changes.length === 0) {
          setState({ kind: 'given', receipt, isKept: true });
          onStanding();
          return;
        }
        rememberRun(runId, { consent: null, chosen: 'off' });
        setState({ kind: 'open', changes });
      });
  }, [runId]);

  useEffect(() => {
    // Taken back in another tab, it is taken back.
    // A receipt that could not be kept is not missed.
    if (state.kind !== 'given' || !state.isKept) return;
    const look = () => {
      if (recallRun(runId).consent) return;
      setState({ kind: 'open', changes: [] });
      withdrawn.current('in-another-tab');
    };
    addEventListener('storage', look);
    return () => removeEventListener('storage', look);
  }, [runId, state]);

  return {
    state,
    async give() {
      choices.current += 1;
      const choice = choices.current;
      setState({ kind: 'signing' });
      try {
        const receipt = await signConsent(offerOf(join), await openDeviceIdentity(storage), new Date());
        if (choice !== choices.current) return;
        const isKept = rememberRun(runId, { consent: receipt });
        setState({ kind: 'given', receipt, isKept });
      } catch {
        if (choice === choices.current) setState({ kind: 'failed' });
      }
    },
    withdraw() {
      choices.current += 1;
      rememberRun(runId, { consent: null });
      setState({ kind: 'open', changes: [] });
      onWithdrawn('here');
    },
  };
}

function offerOf({ runId, manifest }: JoinInfo): ConsentOffer {
  const text = consentText(manifest);
  return { runId, coordinator: location.origin, language: spokenLanguage(), text, manifest };
}
