import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { fetchRuns } from '../api/admin.ts';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { Notice } from '../appearance/notice.tsx';
import { ProgressBar } from '../appearance/progress-bar.tsx';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { count, dayAndTime, finePercent } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { useLiveQuery } from './live-query.ts';
import { useMay } from './operator-context.ts';
import { Problem } from './problem.tsx';
import { RunStatusBadge } from './run-status-badge.tsx';
import { cloneAddress, NEW_RUN_ADDRESS, runAddress } from './view.ts';
import { ViewTitle } from './view-title.tsx';

export function RunsPage() {
  const runs = useLiveQuery(['runs'], fetchRuns);
  const text = words.admin;
  const mayCreate = useMay('operator');
  if (!runs.data) {
    return runs.error ? <Problem error={runs.error} retry={() => void runs.refetch()} /> : <LoadingPage />;
  }
  const newestFirst = runs.data.toSorted((a, b) => b.createdAt - a.createdAt);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <ViewTitle name={text.runs} />
        {mayCreate && (
          <Button component="a" href={NEW_RUN_ADDRESS}>
            {text.create}
          </Button>
        )}
      </Group>
      {runs.error && <Notice tone="careful">{text.offline}</Notice>}
      <Section title={text.allRuns}>
        {newestFirst.length === 0 ? (
          <Text>{text.noRuns}</Text>
        ) : (
          <ScrollBox of={text.allRuns}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{text.name}</Table.Th>
                  <Table.Th>{text.status}</Table.Th>
                  <Table.Th ta="right">{text.rounds}</Table.Th>
                  <Table.Th ta="right">{text.present}</Table.Th>
                  <Table.Th ta="right">{text.accuracy}</Table.Th>
                  <Table.Th>{text.created}</Table.Th>
                  {mayCreate && (
                    <Table.Th>
                      <span className="unheard">{text.clone}</span>
                    </Table.Th>
                  )}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {newestFirst.map((run) => (
                  <Table.Tr key={run.runId}>
                    <Table.Td className="wraps">
                      <Anchor href={runAddress(run.runId)} fw={600} className="row-link">
                        {run.name}
                      </Anchor>
                      <Text size="xs" className="quiet">
                        {run.runId}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <RunStatusBadge run={run} />
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {count(run.committedRounds)} / {count(run.targetRounds)}
                      <ProgressBar
                        slim
                        fraction={run.committedRounds / run.targetRounds}
                        label={`${text.rounds}: ${run.name}`}
                      />
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {count(run.present)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {run.accuracy === null ? '–' : finePercent(run.accuracy)}
                    </Table.Td>
                    <Table.Td className="figures">{dayAndTime(run.createdAt)}</Table.Td>
                    {mayCreate && (
                      <Table.Td ta="right">
                        <Anchor
                          href={cloneAddress(run.runId)}
                          size="sm"
                          aria-label={`${text.clone}: ${run.name}`}
                        >
                          {text.clone}
                        </Anchor>
                      </Table.Td>
                    )}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollBox>
        )}
      </Section>
    </Stack>
  );
}
