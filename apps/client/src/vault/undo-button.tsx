import { Button, Group, Text } from '@mantine/core';
import type { VaultChange } from '@tributary/participant';
import { words } from '../messages/index.ts';

interface UndoButtonProps {
  readonly change: VaultChange | null;
  readonly undone: VaultChange | 'nothing' | null;
  readonly onUndo: () => Promise<void>;
}

export function UndoButton({ change, undone, onUndo }: UndoButtonProps) {
  const text = words.data;
  return (
    <Group gap="xs" mih={change || undone ? '2.25rem' : undefined}>
      {change && (
        <Button
          variant="default"
          size="sm"
          data-testid="undo"
          title={text.undoKept}
          onClick={() => void onUndo()}
        >
          {text.undo(change)}
        </Button>
      )}
      <Text size="sm" role="status" data-testid="undone">
        {undone === 'nothing' ? text.nothingToUndo : undone && text.undone(undone)}
      </Text>
    </Group>
  );
}
