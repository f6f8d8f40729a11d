import { Button, Stack, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import type { OtherTab } from './leader-tab.ts';
import type { Session } from './session.ts';

interface OtherTabProps {
  readonly other: OtherTab;
  readonly session: Session;
  /** What this tab cannot take part without, in words. */
  readonly missing: string | null;
}

/** Another tab of this browser takes part: how it is, and the offer to go on here. */
export function OtherTabNotice({ other, session, missing }: OtherTabProps) {
  const text = words.otherTab;
  const whatId = useId();
  const [isTaking, setTaking] = useState(false);
  const takeOver = async () => {
    setTaking(true);
    await session.start('by-force');
    setTaking(false);
  };
  return (
    // Its figures move every second; only what the other tab does is read out.
    <Notice tone="note" role="group" title={text.title} data-testid="other-tab" data-phase={other.phase}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          <span role="status">
            {text.phases[other.phase as keyof typeof text.phases] ?? text.phases.waiting}
          </span>{' '}
          {text.figures(other.roundNumber, other.contributions, other.fraction)}
        </Text>
        <Button
          data-testid="take-over"
          variant="default"
          loading={isTaking}
          disabled={missing !== null}
          aria-describedby={whatId}
          onClick={() => void takeOver()}
        >
          {text.takeOver}
        </Button>
        <Text size="sm" className="quiet" id={whatId}>
          {missing ?? text.takeOverDoes}
        </Text>
      </Stack>
    </Notice>
  );
}
