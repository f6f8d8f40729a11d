import { Loader, Stack, Text } from '@mantine/core';
import { words } from '../messages/index.ts';

export function LoadingPage({ sentence = words.loading }: { sentence?: string }) {
  return (
    <Stack align="center" justify="center" gap="sm" role="status" mih="60vh">
      <Loader aria-hidden />
      <Text component="h1" m={0} fw={400} className="quiet">
        {sentence}
      </Text>
    </Stack>
  );
}
