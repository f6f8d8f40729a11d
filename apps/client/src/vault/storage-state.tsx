/** How much room is taken, and whether the browser may clear it by itself: what it says, not what we hope. */
import { Button, Group, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ProgressBar } from '../appearance/progress-bar.tsx';
import { words } from '../messages/index.ts';

interface StorageFacts {
  readonly usage: number | null;
  readonly quota: number | null;
  readonly persistence: 'granted' | 'not-granted' | 'unknown';
}

/** Asked anew whenever `changes` does. */
export function StorageState({ changes }: { changes: unknown }) {
  const text = words.data;
  const [facts, setFacts] = useState<StorageFacts | null>(null);
  const [answer, setAnswer] = useState<'granted' | 'refused' | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changed does not matter, only that it did
  useEffect(() => {
    let isWanted = true;
    void storageFacts().then((found) => isWanted && setFacts(found));
    return () => {
      isWanted = false;
    };
  }, [changes]);
  if (!facts) return null;
  const { usage, quota, persistence } = facts;

  const ask = async () => {
    const isGranted = await navigator.storage.persist().catch(() => false);
    setAnswer(isGranted ? 'granted' : 'refused');
    setFacts(await storageFacts());
  };
  return (
    <div data-testid="storage" data-persistence={persistence} data-usage={usage ?? undefined}>
      <Title order={3}>{text.storageTitle}</Title>
      {usage === null || quota === null ? (
        <Text size="sm">{text.usageUnknown}</Text>
      ) : (
        <>
          <Text size="sm">{text.used(usage, quota)}</Text>
          <ProgressBar fraction={quota > 0 ? usage / quota : 0} label={text.storageTitle} />
        </>
      )}
      <Group gap="xs">
        <Text size="sm" flex="1 1 14rem">
          {text.persistence[persistence]}
        </Text>
        {persistence === 'not-granted' && (
          <Button size="sm" variant="default" onClick={() => void ask()} data-testid="ask-to-keep">
            {text.askToKeep}
          </Button>
        )}
      </Group>
      <Text size="sm" role="status">
        {answer === 'granted' && text.keepGranted}
        {answer === 'refused' && text.keepRefused}
      </Text>
    </div>
  );
}

/** Over plain HTTP a browser has none of it. */
async function storageFacts(): Promise<StorageFacts> {
  const { storage } = navigator as { storage?: StorageManager };
  const estimate = await storage?.estimate?.().catch(() => null);
  const isPersistent = await storage?.persisted?.().catch(() => null);
  return {
    usage: estimate?.usage ?? null,
    quota: estimate?.quota ?? null,
    persistence: isPersistent == null ? 'unknown' : isPersistent ? 'granted' : 'not-granted',
  };
}
