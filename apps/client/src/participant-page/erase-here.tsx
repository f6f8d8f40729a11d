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
  const [hasFailed, setFailed] = useState(false);
  const erase = () =>
    eraseEverything().then(
      () => onErased(0),
      () => setFailed(true),
    );
  return (
    <div data-testid="erase-here">
      <ConfirmedAction
        label={text.here}
        question={text.hereQuestion}
        yes={words.data.deleteYes}
        no={text.no}
        testId="erase"
        onConfirmed={erase}
      />
      {hasFailed && <Notice tone="bad">{text.hereFailed}</Notice>}
    </div>
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
