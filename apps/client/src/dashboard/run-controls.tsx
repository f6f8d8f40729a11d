/** Launch, pause, resume, stop: only what the run's state allows. */
import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { modelPath, type RunSummary } from '@tributary/fl-core';
import { type RunAction, steerRun } from '../api/admin.ts';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { words } from '../messages/index.ts';
import { Problem } from './problem.tsx';

export function RunControls({ run }: { run: RunSummary }) {
  const text = words.admin;
  const queries = useQueryClient();
  const steering = useMutation({
    mutationFn: (action: RunAction) => steerRun(run.runId, action),
    onSettled: () => queries.invalidateQueries({ queryKey: ['run', run.runId] }),
  });
  const allowed = allowedActions(run);
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        <Button
          component="a"
          variant="default"
          href={modelPath(run.modelHash)}
          download={`${run.runId}-after-${run.committedRounds}-rounds.trbf`}
        >
          {text.downloadModel}
        </Button>
        {allowed.map((action) =>
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
              onClick={() => steering.mutate(action)}
              data-testid={`run-${action}`}
            >
              {text.actions[action]}
            </Button>
          ),
        )}
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
