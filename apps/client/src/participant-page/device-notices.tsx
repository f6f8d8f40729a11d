import { Text } from '@mantine/core';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import { deviceAbilities } from './device.ts';

/** What this browser lacks, and what follows from that. Nothing when nothing is lacking. */
export function DeviceNotices({ durable }: { durable: boolean }) {
  const { secureContext, workers } = deviceAbilities();
  const text = words.device;
  return (
    <>
      {!secureContext && (
        <Notice tone="bad" title={text.insecureTitle} data-testid="insecure-context">
          <Text size="sm">{text.insecure}</Text>
          <details>
            <summary>{text.insecureDetails}</summary>
            <ul>
              {text.insecureMeans.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </details>
        </Notice>
      )}
      {!workers && (
        <Notice tone="bad" title={text.noWorkersTitle}>
          {text.noWorkers}
        </Notice>
      )}
      {!durable && (
        <Notice tone="careful" title={text.noStorageTitle}>
          {text.noStorage}
        </Notice>
      )}
    </>
  );
}
