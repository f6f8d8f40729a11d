import { Stack, Text } from '@mantine/core';
import { openIndexedDbVault } from '@tributary/participant';
import { useState } from 'react';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import { eraseDataSets, openDeviceRecords } from './device.ts';
import { endAllTabs } from './leader-tab.ts';
import { forgetChoices } from './run-memory.ts';

/** For those whom no coordinator lets in any more: what lies in this browser is theirs all the same. */
export function EraseHere({ onErased }: { onErased: (kept: number) => void }) {
  const text = words.erase;
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const erase = async () => {
    setState('busy');
    try {
      await eraseEverything();
      onErased(0);
    } catch {
      setState('failed');
    }
  };
  return (
    <details data-testid="erase-here">
      <summary>{text.here}</summary>
      <Stack gap="sm" align="flex-start" pt="xs">
        <Text size="sm">{text.hereErases}</Text>
        {state === 'busy' ? (
          <Text role="status">{text.hereBusy}</Text>
        ) : (
          <ConfirmedAction
            label={text.hereButton}
            question={text.hereQuestion}
            yes={text.hereYes}
            no={text.no}
            testId="erase"
            onConfirmed={erase}
          />
        )}
        {state === 'failed' && <Notice tone="bad">{text.hereFailed}</Notice>}
      </Stack>
    </details>
  );
}

async function eraseEverything(): Promise<void> {
  const records = await openDeviceRecords();
  await endAllTabs(async () => {
    if (records.durable) {
      const vault = await openIndexedDbVault();
      await eraseDataSets(
        vault,
        (await vault.list()).map(({ id }) => id),
        records,
      );
    }
    await records.storage.erase();
    forgetChoices();
  });
}
