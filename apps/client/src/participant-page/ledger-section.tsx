/** Everything that left the device, as it was written down before it went. */
import { Button, Checkbox, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { bytes, dayAndTime, timeOfDay } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import type { LedgerSummary, Session } from './session.ts';

interface LedgerProps {
  readonly ledger: LedgerSummary;
  readonly session: Session;
  readonly runName: string;
}

export function LedgerSection({ ledger, session, runName }: LedgerProps) {
  const [uploadsOnly, setUploadsOnly] = useState(false);
  const listed = uploadsOnly ? ledger.newestUploads : ledger.newest;
  const isCut = (uploadsOnly ? ledger.uploads : ledger.count) > listed.length;
  const text = words.ledger;
  return (
    <Section
      title={text.title}
      aside={
        <Text data-testid="ledger-total" data-bytes={ledger.bytes} data-uploads={ledger.uploads}>
          <b>{text.total}</b> {text.totalOf(bytes(ledger.bytes), ledger.count)}
        </Text>
      }
    >
      <Group justify="space-between">
        <Checkbox
          size="sm"
          label={text.uploadsOnly}
          checked={uploadsOnly}
          onChange={(event) => setUploadsOnly(event.currentTarget.checked)}
        />
        {ledger.uploads > 0 && (
          <Button variant="default" size="xs" onClick={() => void downloadLastUpdate(session, runName)}>
            {text.download}
          </Button>
        )}
      </Group>
      {listed.length === 0 ? (
        <Text className="quiet">{uploadsOnly ? text.noUploads : text.none}</Text>
      ) : (
        <ScrollBox of={text.title}>
          <Table striped fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{text.time}</Table.Th>
                <Table.Th>{text.what}</Table.Th>
                <Table.Th ta="right">{text.bytes}</Table.Th>
                <Table.Th>{text.hash}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {listed.map((entry) => (
                <Table.Tr key={`${entry.at}/${entry.sha256}/${entry.label}`}>
                  <Table.Td className="figures">
                    <time dateTime={new Date(entry.at).toISOString()} title={dayAndTime(entry.at)}>
                      {timeOfDay(entry.at)}
                    </time>
                  </Table.Td>
                  <Table.Td className="wraps">{entry.label}</Table.Td>
                  <Table.Td className="figures" ta="right">
                    {bytes(entry.bytes)}
                  </Table.Td>
                  <Table.Td className="hash" title={entry.sha256}>
                    {entry.bytes > 0 ? `${entry.sha256.slice(0, 12)}…` : ''}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
      <Text size="sm" className="quiet">
        {text.counts} {isCut && text.newest(listed.length)}
      </Text>
    </Section>
  );
}

async function downloadLastUpdate(session: Session, runName: string): Promise<void> {
  const update = await session.lastSentUpdate();
  if (!update) return;
  const address = URL.createObjectURL(
    new Blob([Uint8Array.from(update)], { type: 'application/octet-stream' }),
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = `${runName}-last-update.trbf`;
  link.click();
  URL.revokeObjectURL(address);
}
