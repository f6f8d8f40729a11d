import { Table, Text } from '@mantine/core';
import type { RoundSummary } from '@tributary/fl-core';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { bytes, count, duration, finePercent } from '../messages/figures.ts';
import { words } from '../messages/index.ts';

const SHOWN = 100;

export function RoundsTable({ rounds }: { rounds: readonly RoundSummary[] }) {
  const text = words.admin;
  const newestFirst = rounds.toSorted((a, b) => b.roundNumber - a.roundNumber).slice(0, SHOWN);
  return (
    <Section title={text.roundsTable} aside={<Text className="quiet">{count(rounds.length)}</Text>}>
      {rounds.length === 0 ? (
        <Text className="quiet">{text.noRounds}</Text>
      ) : (
        <ScrollBox of={text.roundsTable}>
          <Table fz="sm" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th ta="right">{words.taking.round}</Table.Th>
                <Table.Th>{text.outcome}</Table.Th>
                <Table.Th ta="right">{text.invited}</Table.Th>
                <Table.Th ta="right">{text.trained}</Table.Th>
                <Table.Th ta="right">{text.accepted}</Table.Th>
                <Table.Th ta="right">{text.accuracy}</Table.Th>
                <Table.Th ta="right">{text.seconds}</Table.Th>
                <Table.Th ta="right">{text.up}</Table.Th>
                <Table.Th ta="right">{text.down}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {newestFirst.map((round) => (
                <Table.Tr key={round.roundNumber}>
                  <Table.Td className="figures" ta="right">
                    {count(round.roundNumber)}
                  </Table.Td>
                  <Table.Td>
                    {text.outcomes[round.outcome]}
                    {round.reason && `: ${text.reasons[round.reason]}`}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {count(round.invited)}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {count(round.trained)}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {count(round.accepted)}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {round.validationAccuracy === null ? '–' : finePercent(round.validationAccuracy)}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {duration((round.closedAt - round.openedAt) / 1000)}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {bytes(round.bytesUp)}
                  </Table.Td>
                  <Table.Td className="figures" ta="right">
                    {bytes(round.bytesDown)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
      {rounds.length > SHOWN && (
        <Text size="sm" className="quiet">
          {text.newestRounds(SHOWN)}
        </Text>
      )}
    </Section>
  );
}
