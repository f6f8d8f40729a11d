/** Launch, pause, resume, stop: only what the run's state allows. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RunDetail, RunSummary } from '@tributary/fl-core';
import { type RunAction, steerRun } from '../api/admin.ts';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { words } from '../messages/index.ts';
import { useMay } from './operator-context.ts';
import { Problem } from './problem.tsx';
import { cloneAddress } from './view.ts';

export function RunControls({ run }: { run: RunSummary }) {
  const text = words.admin;
  const queries = useQueryClient();
  const maySteer = useMay('operator');
  const steering = useMutation({
    mutationFn: (action: RunAction) => steerRun(run.runId, action),
    // The answer shows at once; the rest of the page follows with the next question.
    onSuccess: (summary) =>
      queries.setQueryData<RunDetail>(['run', run.runId], (known) => known && { ...known, summary }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['run', run.runId] }),
  });
  if (!maySteer) {
    return (
      <Text size="sm" className="quiet">
        {text.onlyOperators}
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-start">
        {allowedActions(run).map((action) =>
          action === 'stop' ? (
            <ConfirmedAction
              key={action}
              label={text.actions.stop}
              question={text.stopQuestion}
              yes={text.stopYes}
              no={text.cancel}
              testId="run-stop"
              onConfirmed={() => steering.mutate('stop')}
            />
          ) : (
            <Button
              key={action}
              variant={action === 'pause' ? 'default' : 'filled'}
              loading={steering.isPending && steering.variables === action}
              disabled={steering.isPending && steering.variables !== action}
              onClick={() => steering.mutate(action)}
              data-testid={`run-${action}`}
            >
              {text.actions[action]}
            </Button>
          ),
        )}
        <Button component="a" variant="default" href={cloneAddress(run.runId)}>
          {text.clone}
        </Button>
      </Group>
      {steering.error && <Problem error={steering.error} />}
    </Stack>
  );
}

function allowedActions({ status, isNew }: RunSummary): readonly RunAction[] {
  switch (status) {
    case 'running':
      return ['pause', 'stop'];
    case 'pausing':
      return ['resume', 'stop'];
    case 'paused':
      return [isNew ? 'launch' : 'resume', 'stop'];
    case 'completed':
    case 'stopped':
      return [];
  }
}
