import { Center, Loader, Stack, Text } from '@mantine/core';
import { words } from '../messages/index.ts';

export function LoadingPage({ sentence = words.loading }: { sentence?: string }) {
  return (
    <Center mih="60vh">
      <Stack align="center" gap="sm" role="status">
        <Loader aria-hidden />
        <Text component="h1" m={0} fw={400} className="quiet">
          {sentence}
        </Text>
      </Stack>
    </Center>
  );
}
