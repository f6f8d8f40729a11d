import { Button, Code, Group, Text } from '@mantine/core';
import { errorCodeOf } from '@tributary/fl-core';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';

/** What went wrong: the stable code, plain words, and the way to try again. */
export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  const code = errorCodeOf(error);
  const said = code === 'internal' ? words.admin.noAnswer : (words.errors[code] ?? error.message);
  return (
    <Notice tone="bad">
      <Group justify="space-between">
        <Text>
          {said} <Code>{code}</Code>
        </Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {words.tryAgain}
          </Button>
        )}
      </Group>
    </Notice>
  );
}
