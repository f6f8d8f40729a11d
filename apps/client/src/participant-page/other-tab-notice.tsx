import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import type { OtherTab } from './leader-tab.ts';
import type { Session } from './session.ts';

/** Another tab of this browser takes part: how it is, and the offer to go on here. */
export function OtherTabNotice({ other, session }: { other: OtherTab; session: Session }) {
  const text = words.otherTab;
  const [isTaking, setTaking] = useState(false);
  const takeOver = async () => {
    setTaking(true);
    await session.start('by-force');
    setTaking(false);
  };
  return (
    <Notice tone="note" title={text.title} data-testid="other-tab" data-phase={other.phase}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {text.phases[other.phase as keyof typeof text.phases] ?? text.phases.waiting}{' '}
          {text.figures(other.roundNumber, other.contributions, other.fraction)}
        </Text>
        <Button data-testid="take-over" variant="default" loading={isTaking} onClick={() => void takeOver()}>
          {text.takeOver}
        </Button>
        <Text size="sm" className="quiet">
          {text.takeOverDoes}
        </Text>
      </Stack>
    </Notice>
  );
}
