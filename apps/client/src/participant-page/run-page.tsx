/** The page of one run, once it is known what the run is: understand, agree, add examples, start, watch, leave. */
import { Stack } from '@mantine/core';
import type { JoinInfo } from '@tributary/fl-core';
import { isSameSchema, type PrivateData, privateDataOf, type Vault } from '@tributary/participant';
import { lazy, Suspense, useEffect, useState } from 'react';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { useLoaded } from '../appearance/use-loaded.ts';
import { speakAlso, words } from '../messages/index.ts';
import type { Language } from '../messages/language.ts';
import { OwnExamplesSection } from '../vault/own-examples-section.tsx';
import { useOwnExamples } from '../vault/use-own-examples.ts';
import { type DeviceRecords, eraseDataSets, openVault } from './device.ts';
import { DeviceNotices } from './device-notices.tsx';
import { EraseSection } from './erase-section.tsx';
import { LedgerSection } from './ledger-section.tsx';
import { OverviewSection } from './overview-section.tsx';
import { OwnAccuracySection } from './own-accuracy-section.tsx';
import { forgetChoices, recallRun } from './run-memory.ts';
import { openSession, type Session } from './session.ts';
import { TakingPartSection } from './taking-part-section.tsx';
import { TrialSection } from './trial/trial-section.tsx';
import { useConsent } from './use-consent.ts';
import { useSnapshot } from './use-snapshot.ts';

// Most of the words and code of secure sums is for runs that have them.
const SecureSumSection = lazy(() => import('./secure-sum-section.tsx'));

interface OpenedRun {
  readonly ticket: string;
  readonly join: JoinInfo;
  readonly records: DeviceRecords;
  /** @param kept data sets that stay, for runs of another kind */
  readonly onErased: (kept: number) => void;
}

export function RunPage({ ticket, join, records, onErased }: OpenedRun) {
  const { data: opened, error } = useLoaded(async () => {
    const { runId, manifest } = join;
    if (manifest.secureAggregation.mode !== 'off') await speakAlso(wordsOfSecureSums);
    const run = { runId, schema: manifest.data, name: words.data.fromBefore };
    const vault = await openVault(records, run);
    const data = privateDataOf(vault, { runId, data: manifest.data });
    return { vault, data, session: await openSession({ ticket, join, records, data }) };
  });
  const session = opened?.session;
  useEffect(() => () => void session?.close(), [session]);
  // The page as a whole says what to do.
  if (error) throw error;
  if (!opened) return <LoadingPage />;
  return <OpenRun {...{ ticket, join, records, onErased }} {...opened} />;
}

interface OpenRunProps extends OpenedRun {
  readonly data: PrivateData;
  readonly session: Session;
  readonly vault: Vault;
}

function OpenRun({ ticket, join, data, records, session, vault, onErased }: OpenRunProps) {
  const { manifest, runId } = join;
  const snapshot = useSnapshot(session);
  const { activity } = snapshot.view.participation;
  // What was asked when the page opened may be over by now.
  const run = activity.phase === 'ended' ? { ...join, status: activity.status } : join;
  const own = useOwnExamples(vault, { runId, data: manifest.data });
  // An interrupted visit goes on by itself: Start was pressed, and the consent still stands.
  const consent = useConsent(join, records.storage, {
    onStanding: () => void session.resumeVisit(),
    // Consent taken back ends taking part, too.
    onWithdrawn(where) {
      const { takingPart, paused, other } = snapshot;
      if (takingPart || paused || (where === 'here' && other)) void session.stop();
    },
  });
  const consented = consent.state.kind === 'given';

  useEffect(() => {
    if (snapshot.erased) onErased(snapshot.keptDataSets);
  }, [snapshot.erased, snapshot.keptDataSets, onErased]);

  // Somebody who comes back wants to see how it goes; on a narrow screen that must not be far below.
  const [cameBack] = useState(() => recallRun(runId).chosen !== 'off');

  const overview = (
    <OverviewSection
      key="overview"
      join={run}
      consent={consent}
      hasExamples={own.counts.training > 0}
      takingPart={snapshot.takingPart}
    />
  );
  const work = (
    <div key="work" className="two-sides">
      <div id="own-examples" tabIndex={-1}>
        <OwnExamplesSection
          manifest={manifest}
          own={own}
          onErase={async () => {
            if (snapshot.takingPart || snapshot.other) await session.stop('data-erased');
          }}
        />
      </div>
      <Stack gap="md" className="taking-part">
        <TakingPartSection
          snapshot={snapshot}
          session={session}
          consented={consented}
          trainingCount={own.counts.training}
          manifest={manifest}
          runStatus={run.status}
        />
        {manifest.secureAggregation.mode !== 'off' && (
          <Suspense>
            <SecureSumSection manifest={manifest} activity={activity} report={snapshot.secureSum} />
          </Suspense>
        )}
        <OwnAccuracySection {...snapshot} />
      </Stack>
      <TrialSection
        options={{
          ...{ ticket, join, storage: records.storage, data },
          onLedgerEntry: (entry) => session.noteDeparture(entry),
        }}
        heldOutCount={own.counts.all - own.counts.training}
      />
      <LedgerSection ledger={snapshot.ledger} session={session} runName={runId} />
      <EraseSection
        isBusy={snapshot.busy === 'erasing'}
        contributions={snapshot.view.participation.contributions}
        vault={vault}
        isOfThisRun={({ schema }) => isSameSchema(schema, manifest.data)}
        onErase={(dataSets) =>
          session.leaveAndErase(async () => {
            const kept = await eraseDataSets(vault, dataSets, records);
            await records.storage.erase();
            forgetChoices();
            return kept;
          })
        }
      />
    </div>
  );

  return (
    <Stack gap="md">
      <title>{`${manifest.name} · ${words.product}`}</title>
      <DeviceNotices durable={records.durable} />
      {cameBack ? [work, overview] : [overview, work]}
    </Stack>
  );
}

function wordsOfSecureSums(language: Language) {
  return language === 'en' ? import('../messages/en/secure-sum.ts') : import('../messages/de/secure-sum.ts');
}
