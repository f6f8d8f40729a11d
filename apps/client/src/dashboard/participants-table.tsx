import { Progress, Table, Text } from '@mantine/core';
import type { RunDetail } from '@tributary/fl-core';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { count } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { nameOfBackend } from './backend-name.ts';

export function ParticipantsTable({ participants }: Pick<RunDetail, 'participants'>) {
  const text = words.admin;
  return (
    <Section title={text.participants} aside={<Text className="quiet">{count(participants.length)}</Text>}>
      {participants.length === 0 ? (
        <Text className="quiet">{text.noParticipants}</Text>
      ) : (
        <ScrollBox of={text.participants}>
          <Table fz="sm" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{text.label}</Table.Th>
                <Table.Th>{text.backend}</Table.Th>
                <Table.Th ta="right">{text.examples}</Table.Th>
                <Table.Th>{text.stage}</Table.Th>
                <Table.Th miw={110}>{text.progress}</Table.Th>
                <Table.Th ta="right">{text.speed}</Table.Th>
                <Table.Th ta="right">{text.acceptedUpdates}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {participants.map((participant) => (
                <Table.Tr key={participant.label}>
                  <Table.Td className="hash">{participant.label}</Table.Td>
                  <Table.Td>{nameOfBackend(participant.backend)}</Table.Td>
                  <Table.Td className="figures" ta="right">
                    {count(participant.exampleCount)}
                  </Table.Td>
                  <Table.Td>{text.stages[participant.stage]}</Table.Td>
                  <Table.Td>
                    <Progress
                      value={100 * participant.progress}
                      aria-label={`${text.progress}: ${participant.label}`}
                      size="sm"
                    />
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {participant.examplesPerSecond > 0
                      ? count(Math.round(participant.examplesPerSecond))
                      : '–'}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {count(participant.acceptedUpdates)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
    </Section>
  );
}
