import { Stack, Text, Title } from '@mantine/core';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';

/** After everything is gone: what that means, and what it cannot mean. */
export function ErasedPage({ kept }: { kept: number }) {
  const text = words.erase;
  return (
    <Stack maw={680} mx="auto" pt="lg" data-testid="erased">
      <title>{`${text.doneTitle} · ${words.product}`}</title>
      <Title order={1}>{text.doneTitle}</Title>
      <Notice tone="good">{text.done}</Notice>
      {kept > 0 && <Text data-testid="kept">{text.kept(kept)}</Text>}
      <Text>{text.cannot}</Text>
      <ul>
        {text.remains.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
      <Text>{text.again}</Text>
    </Stack>
  );
}
