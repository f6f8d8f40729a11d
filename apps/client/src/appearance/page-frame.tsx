import { Anchor, Container, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { words } from '../messages/index.ts';
import { Preferences } from './preferences.tsx';

/** Name above, content below, as wide as the content wants. */
export function PageFrame({
  size,
  aside,
  children,
}: {
  size: number;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      {/* Not a link: the fragment of the address belongs to the ticket. */}
      <button type="button" className="skip-link" onClick={() => document.getElementById('content')?.focus()}>
        {words.skipToContent}
      </button>
      <header className="page-header">
        <Container size={size}>
          <Group justify="space-between" h={56} wrap="nowrap">
            <Anchor href="/" underline="never" className="brand">
              <img src="/tributary.svg" alt="" width={26} height={26} />
              <Text component="span" fw={700} size="lg">
                {words.product}
              </Text>
            </Anchor>
            <Group gap="xs" wrap="nowrap">
              {aside}
              <Preferences />
            </Group>
          </Group>
        </Container>
      </header>
      <Container component="main" id="content" tabIndex={-1} size={size} py="lg" className="page-content">
        {children}
      </Container>
    </>
  );
}
