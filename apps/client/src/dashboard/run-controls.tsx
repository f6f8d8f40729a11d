/** Launch, pause, resume, stop: only what the run's state allows. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { modelPath, type RunSummary } from '@tributary/fl-core';
import { useState } from 'react';
import { type RunAction, steerRun } from '../api/admin.ts';
import { words } from '../messages/index.ts';
import { Problem } from './problem.tsx';

export function RunControls({ run }: { run: RunSummary }) {
  const text = words.admin;
  const queries = useQueryClient();
  const [confirming, setConfirming] = useState(false);
  const steering = useMutation({
    mutationFn: (action: RunAction) => steerRun(run.runId, action),
    onSettled: () => queries.invalidateQueries({ queryKey: ['run', run.runId] }),
  });
  const allowed = allowedActions(run);
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="xs">
        {allowed.map((action) =>
          action === 'stop' ? (
            <Button
              key={action}
              variant="light"
              color="red"
              onClick={() => setConfirming(true)}
              data-testid="run-stop"
            >
              {text.actions.stop}
            </Button>
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
        <Button
          component="a"
          variant="default"
          href={modelPath(run.modelHash)}
          download={`${run.runId}-after-${run.committedRounds}-rounds.trbf`}
        >
          {text.downloadModel}
        </Button>
      </Group>
      {steering.error && <Problem error={steering.error} />}
      <Modal
        opened={confirming}
        onClose={() => setConfirming(false)}
        title={text.stopTitle}
        centered
        closeButtonProps={{ 'aria-label': text.cancel }}
      >
        <Stack>
          <Text>{text.stopText}</Text>
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={() => setConfirming(false)}>
              {text.cancel}
            </Button>
            <Button
              color="red"
              onClick={() => {
                setConfirming(false);
                steering.mutate('stop');
              }}
            >
              {text.stopYes}
            </Button>
          </Group>
        </Stack>
      </Modal>
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
