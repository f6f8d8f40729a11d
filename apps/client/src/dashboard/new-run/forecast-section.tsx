import { Text } from '@mantine/core';
import type { CompressionForecast } from '@tributary/fl-core';
import { Facts } from '../../appearance/facts.tsx';
import { Section } from '../../appearance/section.tsx';
import { bytes, count, decimal, duration, shortDuration } from '../../messages/figures.ts';
import type { Draft } from './draft.ts';
import { downloadBytes, modelForecast, roundForecast } from './forecast.ts';
import { chanceInWords, errorInWords } from './forecast-words.ts';
import { type SumForecast, sumForecast } from './sum-forecast.ts';
import { useCompressionForecast } from './use-compression-forecast.ts';
import { formWords } from './words.ts';

export default function ForecastSection({ draft }: { draft: Draft }) {
  const text = formWords().forecast;
  const model = modelForecast(draft);
  const round = roundForecast(draft);
  const sums = sumForecast(draft);
  const tried = useCompressionForecast(draft);
  const found = tried === 'pending' ? null : tried;
  const updateBytes = found?.bytesUp ?? null;
  const modelBytes = model && downloadBytes(draft, model);
  const unknown = tried === 'pending' ? '…' : '–';
  return (
    <Section title={text.title}>
      <Facts
        items={[
          [text.parameters, model ? count(model.parameters) : '–'],
          ...(model?.base
            ? [
                [text.frozen, count(model.base.parameters)] as const,
                [text.base, bytes(model.base.frameBytes)] as const,
              ]
            : []),
          [text.update, updateBytes === null ? unknown : bytes(updateBytes)],
          ...(found ? factsOfCompression(found) : []),
          ...(sums ? factsOfSums(sums) : []),
          [text.invited, round ? count(round.invited) : '–'],
          [text.down, modelBytes && round ? bytes(round.invited * modelBytes) : '–'],
          [text.up, round && updateBytes !== null ? bytes(round.reportGoal * updateBytes) : unknown],
          [
            text.whole,
            modelBytes && round && updateBytes !== null
              ? bytes(round.rounds * (round.invited * modelBytes + round.reportGoal * updateBytes))
              : unknown,
          ],
          [text.longest, round ? duration(round.longestSeconds) : '–'],
        ]}
      />
      <Text size="sm" className="quiet">
        {text.hint}
      </Text>
    </Section>
  );
}

/** Of a phone in a train. */
const SLOW_BYTES_PER_SECOND = 1_000_000 / 8;

function factsOfCompression(forecast: CompressionForecast): (readonly [string, string])[] {
  const text = formWords().forecast;
  const { bytesUp, bytesPerParameter, meanError, ring } = forecast;
  return [
    [text.bytesPerParameter, decimal(bytesPerParameter)],
    [text.uploadTime, shortDuration(bytesUp / SLOW_BYTES_PER_SECOND)],
    [text.meanError, errorInWords(meanError)],
    ...(ring
      ? [
          [text.overflow, chanceInWords(ring.wrapProbability)] as const,
          [text.step, text.stepOf(decimal(ring.step), ring.wrapBound > 0)] as const,
        ]
      : []),
  ];
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
