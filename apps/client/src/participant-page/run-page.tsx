/** The page of one run, once it is known what the run is: understand, add examples, start, watch. */
import { Checkbox, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JoinInfo } from '@tributary/fl-core';
import { privateDataOf, type Vault } from '@tributary/participant';
import { useEffect, useState } from 'react';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { words } from '../messages/index.ts';
import { OwnExamplesSection } from '../vault/own-examples-section.tsx';
import { useOwnExamples } from '../vault/use-own-examples.ts';
import { type DeviceRecords, openVault } from './device.ts';
import { DeviceNotices } from './device-notices.tsx';
import { LedgerSection } from './ledger-section.tsx';
import { OwnAccuracySection } from './own-accuracy-section.tsx';
import { PrivacySection } from './privacy-section.tsx';
import { RunFacts } from './run-facts.tsx';
import { recallRun, rememberRun } from './run-memory.ts';
import { openSession, type Session } from './session.ts';
import { TakingPartSection } from './taking-part-section.tsx';
import { useSnapshot } from './use-snapshot.ts';

interface OpenedRun {
  readonly ticket: string;
  readonly join: JoinInfo;
  readonly records: DeviceRecords;
}

export function RunPage({ ticket, join, records }: OpenedRun) {
  const opening = useQuery({
    queryKey: ['session', join.runId, ticket],
    queryFn: async () => {
      const { runId, manifest } = join;
      const run = { runId, schema: manifest.data, name: words.data.fromBefore };
      const vault = await openVault(records, run);
      const data = privateDataOf(vault, { runId, data: manifest.data });
      return { vault, session: await openSession({ ticket, join, records, data }) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    throwOnError: true,
  });
  const session = opening.data?.session;
  useEffect(() => () => void session?.close(), [session]);
  if (!opening.data) return <LoadingPage />;
  return <OpenRun join={join} durable={records.durable} {...opening.data} />;
}

interface OpenRunProps {
  readonly join: JoinInfo;
  readonly durable: boolean;
  readonly session: Session;
  readonly vault: Vault;
}

function OpenRun({ join, durable, session, vault }: OpenRunProps) {
  const { manifest, runId } = join;
  const snapshot = useSnapshot(session);
  const own = useOwnExamples(vault, { runId, data: manifest.data });
  const [consented, setConsented] = useState(() => recallRun(runId).consented);

  // Somebody who comes back wants to see how it goes; on a narrow screen that must not be far below.
  const [cameBack] = useState(() => recallRun(runId).takingPart);

  const consent = (given: boolean) => {
    rememberRun(runId, { consented: given });
    setConsented(given);
    // Consent taken back ends taking part at once.
    if (!given && snapshot.takingPart) void session.stop();
  };

  const main = (
    <Stack key="main" gap="md">
      <RunFacts join={join} />
      <PrivacySection manifest={manifest}>
        <Checkbox
          data-testid="consent"
          checked={consented}
          onChange={(event) => consent(event.currentTarget.checked)}
          label={words.privacy.consent}
        />
      </PrivacySection>
      <OwnExamplesSection
        manifest={manifest}
        own={own}
        onErase={async () => {
          if (snapshot.takingPart) await session.stop('data-erased');
        }}
      />
    </Stack>
  );
  const side = (
    <Stack key="side" gap="md" className="taking-part">
      <TakingPartSection
        snapshot={snapshot}
        session={session}
        consented={consented}
        trainingCount={own.counts.training}
        minimumExamples={manifest.eligibility.minimumExamples}
        runStatus={join.status}
      />
      <OwnAccuracySection {...snapshot} />
    </Stack>
  );

  return (
    <Stack gap="md">
      <title>{`${manifest.name} · ${words.product}`}</title>
      <div>
        <Title order={1}>{manifest.name}</Title>
        <Text className="quiet">{manifest.description || words.run.noDescription}</Text>
      </div>
      <DeviceNotices durable={durable} />
      <div className="two-sides">
        {cameBack ? [side, main] : [main, side]}
        <LedgerSection ledger={snapshot.ledger} session={session} runName={runId} />
      </div>
    </Stack>
  );
}
