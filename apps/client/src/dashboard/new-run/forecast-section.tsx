import { Text } from '@mantine/core';
import { Facts } from '../../appearance/facts.tsx';
import { Section } from '../../appearance/section.tsx';
import { bytes, count, duration } from '../../messages/figures.ts';
import type { Draft } from './draft.ts';
import { modelForecast, roundForecast } from './forecast.ts';
import { type SumForecast, sumForecast } from './sum-forecast.ts';
import { formWords } from './words.ts';

export function ForecastSection({ draft }: { draft: Draft }) {
  const text = formWords().forecast;
  const model = modelForecast(draft);
  const round = roundForecast(draft);
  const sums = sumForecast(draft);
  const updateBytes = sums?.frameBytes ?? model?.frameBytes ?? 0;
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
          [text.update, model ? bytes(updateBytes) : unknown],
          ...(sums ? factsOfSums(sums) : []),
          [text.invited, round ? count(round.invited) : unknown],
          [text.down, model && round ? bytes(round.invited * model.frameBytes) : unknown],
          [text.up, model && round ? bytes(round.reportGoal * updateBytes) : unknown],
          [
            text.whole,
            model && round
              ? bytes(round.rounds * (round.invited * model.frameBytes + round.reportGoal * updateBytes))
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

function factsOfSums({ bits, sharing }: SumForecast): (readonly [string, string])[] {
  const text = formWords().forecast;
  if (!sharing) return [[text.ring, text.bits(bits)]];
  const { graph, sizes } = sharing;
  const ranges = sizes.map(({ from, to }) => (from === to ? count(from) : `${count(from)}–${count(to)}`));
  return [
    [text.ring, text.bits(bits)],
    [text.neighbours, graph ? text.graphOf(graph) : text.impossible],
    [text.threshold, graph ? count(graph.shareThreshold) : '–'],
    [text.cohorts, ranges.join(', ') || text.none],
  ];
}
