import { Text } from '@mantine/core';
import { Facts } from '../../appearance/facts.tsx';
import { Section } from '../../appearance/section.tsx';
import { bytes, count, duration } from '../../messages/figures.ts';
import type { Draft } from './draft.ts';
import { modelForecast, roundForecast } from './forecast.ts';
import { formWords } from './words.ts';

export function ForecastSection({ draft }: { draft: Draft }) {
  const text = formWords().forecast;
  const model = modelForecast(draft);
  const round = roundForecast(draft);
  const unknown = '–';
  return (
    <Section title={text.title}>
      <Facts
        items={[
          [text.parameters, model ? count(model.parameters) : unknown],
          ...(model?.base
            ? [
                [text.frozen, count(model.base.parameters)] as const,
                [text.base, bytes(model.base.frameBytes)] as const,
              ]
            : []),
          [text.update, model ? bytes(model.frameBytes) : unknown],
          [text.invited, round ? count(round.invited) : unknown],
          [text.down, model && round ? bytes(round.invited * model.frameBytes) : unknown],
          [text.up, model && round ? bytes(round.reportGoal * model.frameBytes) : unknown],
          [
            text.whole,
            model && round
              ? bytes(round.rounds * (round.invited + round.reportGoal) * model.frameBytes)
              : unknown,
          ],
          [text.longest, round ? duration(round.longestSeconds) : unknown],
        ]}
      />
      <Text size="sm" className="quiet">
        {text.hint}
      </Text>
    </Section>
  );
}
