import { Text } from '@mantine/core';
import { Section } from '../appearance/section.tsx';
import { finePercent } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import type { SessionSnapshot } from './session.ts';

export function OwnAccuracySection({
  first,
  latest,
  thisRound,
}: Pick<SessionSnapshot, 'first' | 'latest' | 'thisRound'>) {
  const text = words.accuracy;
  if (!first || !latest) {
    return (
      <Section title={text.title}>
        <Text className="quiet">{text.none}</Text>
      </Section>
    );
  }
  return (
    <Section title={text.title}>
      <dl className="big-figures">
        <div>
          <dt>{text.before}</dt>
          <dd data-testid="own-accuracy-before" data-accuracy={first.accuracy}>
            {finePercent(first.accuracy)}
          </dd>
        </div>
        <div>
          <dt>{text.now}</dt>
          <dd data-testid="own-accuracy-after" data-accuracy={latest.accuracy}>
            {finePercent(latest.accuracy)}
          </dd>
        </div>
      </dl>
      {thisRound && (
        <Text size="sm">{text.thisRound(finePercent(thisRound.before), finePercent(thisRound.after))}</Text>
      )}
      <Text size="sm" className="quiet">
        {text.of(latest.exampleCount)}
      </Text>
    </Section>
  );
}
