import { Button, Container, Stack } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { words } from '../messages/index.ts';
import { Notice } from './notice.tsx';

/** A fault of the page itself becomes words and a way on, never a blank screen. */
export class FaultBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Container size="sm" py="xl">
        <Notice tone="bad" title={words.product}>
          <Stack align="flex-start" gap="sm">
            {words.pageBroke}
            <Button onClick={() => location.reload()}>{words.reload}</Button>
          </Stack>
        </Notice>
      </Container>
    );
  }
}
