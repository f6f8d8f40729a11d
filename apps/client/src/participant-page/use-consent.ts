/** Whether this person has agreed to what the page says now, and the receipt of it. */
import type { JoinInfo } from '@tributary/fl-core';
import { openDeviceIdentity, type ParticipantStorage } from '@tributary/participant';
import { useEffect, useState } from 'react';
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
  | { readonly kind: 'given'; readonly receipt: ConsentReceipt }
  /** No key, or no place to keep it. */
  | { readonly kind: 'failed' };

export interface Consent {
  readonly state: ConsentState;
  give(): Promise<void>;
  withdraw(): void;
}

/** @param onStanding called once when an earlier consent still stands */
export function useConsent(join: JoinInfo, storage: ParticipantStorage, onStanding: () => void): Consent {
  const { runId } = join;
  const [state, setState] = useState<ConsentState>({ kind: 'checking' });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the run of a page does not change
  useEffect(() => {
    const { consent: receipt } = recallRun(runId);
    if (!receipt) return setState({ kind: 'open', changes: [] });
    openDeviceIdentity(storage)
      .then(({ publicKey }) => changesSince(receipt, offerOf(join), publicKey))
      // A receipt that cannot be read is none.
      .catch((): readonly ConsentChange[] => ['device'])
      .then((changes) => {
        if (changes.length === 0) {
          setState({ kind: 'given', receipt });
          onStanding();
          return;
        }
        rememberRun(runId, { consent: null, chosen: 'off' });
        setState({ kind: 'open', changes });
      });
  }, [runId]);

  useEffect(() => {
    // Taken back in another tab, it is taken back.
    const look = () => {
      if (!recallRun(runId).consent)
        setState((at) => (at.kind === 'given' ? { kind: 'open', changes: [] } : at));
    };
    addEventListener('storage', look);
    return () => removeEventListener('storage', look);
  }, [runId]);

  return {
    state,
    async give() {
      setState({ kind: 'signing' });
      try {
        const receipt = await signConsent(offerOf(join), await openDeviceIdentity(storage), new Date());
        rememberRun(runId, { consent: receipt });
        setState({ kind: 'given', receipt });
      } catch {
        setState({ kind: 'failed' });
      }
    },
    withdraw() {
      rememberRun(runId, { consent: null });
      setState({ kind: 'open', changes: [] });
    },
  };
}

function offerOf({ runId, manifest }: JoinInfo): ConsentOffer {
  const text = consentText(manifest);
  return { runId, coordinator: location.origin, language: spokenLanguage(), text, manifest };
}
