/** Asks in place before a run goes back to an earlier model, and says what stays behind. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RunDetail } from '@tributary/fl-core';
import type { KeyboardEvent } from 'react';
import { rollBackRun } from '../../api/admin.ts';
import { words } from '../../messages/index.ts';
import { Problem } from '../problem.tsx';

interface RollBackProps {
  readonly run: RunDetail;
  /** 0 is the first model. */
  readonly roundNumber: number;
  readonly onCancelled: () => void;
  readonly onDone: () => void;
}

export function RollBack({ run: { summary, rounds }, roundNumber, onCancelled, onDone }: RollBackProps) {
  const text = words.admin;
  const queries = useQueryClient();
  const rollingBack = useMutation({
    mutationFn: () => rollBackRun(summary.runId, roundNumber),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['run', summary.runId] });
      onDone();
    },
  });
  const leftBehind = rounds.filter(
    (round) => round.outcome === 'committed' && !round.isSuperseded && round.roundNumber > roundNumber,
  ).length;
  const question = text.rollBackQuestion(roundNumber, leftBehind);
  return (
    <Stack
      gap="xs"
      role="alertdialog"
      aria-label={question}
      className="confirmation"
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && onCancelled()}
    >
      <Text size="sm">{question}</Text>
      {rollingBack.error && <Problem error={rollingBack.error} />}
      <Group gap="xs">
        <Button variant="default" autoFocus onClick={onCancelled}>
          {text.cancel}
        </Button>
        <Button
          color="red"
          loading={rollingBack.isPending}
          onClick={() => rollingBack.mutate()}
          data-testid="roll-back-yes"
        >
          {text.rollBackYes}
        </Button>
      </Group>
    </Stack>
  );
}
