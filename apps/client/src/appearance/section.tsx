import { Card, Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

/** A titled card, and a region that screen readers can jump to. */
export function Section({
  title,
  aside,
  id,
  children,
}: {
  title: string;
  /** Where links inside the page lead to. */
  id?: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const titleId = useId();
  return (
    <Card
      component="section"
      withBorder
      padding="md"
      aria-labelledby={titleId}
      {...(id && { id, tabIndex: -1 })}
    >
      <Stack gap="sm">
        <Group justify="space-between" align="baseline" gap="xs">
          <Title order={2} id={titleId}>
            {title}
          </Title>
          {aside}
        </Group>
        {children}
      </Stack>
    </Card>
  );
}
