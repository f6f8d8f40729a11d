import { Button, Group, Stack, Text } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';

interface ConfirmedActionProps {
  readonly label: string;
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly onConfirmed: () => unknown;
  readonly testId: string;
}

/** A button for what cannot be undone: it asks in place first. Escape, and the focused button, mean no. */
export function ConfirmedAction({ label, question, yes, no, onConfirmed, testId }: ConfirmedActionProps) {
  const [asking, setAsking] = useState(false);
  // Whoever said no goes on from the button that asked.
  const [wasAsked, setWasAsked] = useState(false);
  const ask = () => {
    setWasAsked(true);
    setAsking(true);
  };
  const confirm = async () => {
    setAsking(false);
    await onConfirmed();
  };
  if (!asking) {
    return (
      <Button variant="outline" color="red" onClick={ask} autoFocus={wasAsked} data-testid={testId}>
        {label}
      </Button>
    );
  }
  return (
    <Stack
      gap="xs"
      role="alertdialog"
      aria-label={question}
      className="confirmation"
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && setAsking(false)}
    >
      <Text size="sm">{question}</Text>
      <Group gap="xs">
        <Button variant="default" autoFocus onClick={() => setAsking(false)}>
          {no}
        </Button>
        <Button color="red" onClick={() => void confirm()} data-testid={`${testId}-yes`}>
          {yes}
        </Button>
      </Group>
    </Stack>
  );
}
