import { Stack, Text } from '@mantine/core';
import type { TaskManifest } from '@tributary/fl-core';
import type { ReactNode } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';
import { privacyStatements } from './privacy-statements.ts';

export function PrivacySection({ manifest, children }: { manifest: TaskManifest; children: ReactNode }) {
  const text = words.privacy;
  const { leaves, stays, updatesAreVisible, bound } = privacyStatements(manifest);
  return (
    <Section title={text.title}>
      <div className="leaves-and-stays">
        <Statements title={text.leaves} items={leaves} />
        <Statements title={text.stays} items={stays} />
      </div>
      {updatesAreVisible && (
        <Notice tone="careful" role="note" title={text.notMaskedTitle}>
          <Stack gap="xs">
            <Text size="sm">{text.notMasked}</Text>
            <Text size="sm">{bound}</Text>
            <Text size="sm">{text.codeNote}</Text>
          </Stack>
        </Notice>
      )}
      {children}
    </Section>
  );
}

function Statements({ title, items }: { title: string; items: readonly string[] }) {
  return (
    <div>
      <Text component="h3" fw={650} m={0}>
        {title}
      </Text>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
