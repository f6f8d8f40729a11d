import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { RunId } from '@tributary/fl-core';
import { fetchSteeringLog } from '../api/admin.ts';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { dayAndTime } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { Problem } from './problem.tsx';

/** Below the run's own key, so that steering it asks for the log anew as well. */
export function SteeringLogView({ runId }: { runId: RunId }) {
  const text = words.admin;
  const log = useQuery({
    queryKey: ['run', runId, 'log'],
    queryFn: ({ signal }) => fetchSteeringLog(runId, signal),
    refetchInterval: 5000,
  });
  return (
    <Section title={text.log}>
      {log.error && <Problem error={log.error} retry={() => void log.refetch()} />}
      {!log.data && !log.error && <Text className="quiet">{words.loading}</Text>}
      {log.data?.length === 0 && <Text className="quiet">{text.noLog}</Text>}
      {log.data && log.data.length > 0 && (
        <ScrollBox of={text.log}>
          <Table fz="sm" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{text.when}</Table.Th>
                <Table.Th>{text.who}</Table.Th>
                <Table.Th>{text.did}</Table.Th>
                <Table.Th>{text.detail}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {log.data.map((entry) => (
                <Table.Tr key={`${entry.at}/${entry.action}/${entry.detail}`}>
                  <Table.Td className="figures">{dayAndTime(entry.at)}</Table.Td>
                  <Table.Td className="wraps">{entry.operatorName}</Table.Td>
                  <Table.Td>{text.logActions[entry.action]}</Table.Td>
                  <Table.Td className="wraps">{entry.detail}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
    </Section>
  );
}
