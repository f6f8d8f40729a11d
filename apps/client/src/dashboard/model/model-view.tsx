/** Take a model home, with the card that says where it comes from. */
import { Button, Group, NativeSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ExportFormat, isAdaptable, type RunDetail } from '@tributary/fl-core';
import { useState } from 'react';
import { exportAddress, fetchModelCard } from '../../api/admin.ts';
import { Section } from '../../appearance/section.tsx';
import { finePercent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { Problem } from '../problem.tsx';
import { AdaptModel } from './adapt-model.tsx';
import { Markdown } from './markdown.tsx';

const FORMATS = ['tfjs', 'onnx', 'safetensors', 'adapters', 'frame'] as const satisfies ExportFormat[];

export function ModelView({ run: { manifest, summary, rounds } }: { run: RunDetail }) {
  const text = words.admin;
  /** null is the newest, whichever that is by then. */
  const [round, setRound] = useState<number | null>(null);
  const { runId, modelHash } = summary;
  const formats = useQuery({
    queryKey: ['formats', runId],
    queryFn: async () => (await import('./offered-formats.ts')).offeredFormats(manifest.model),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const possible = formats.data ?? [];
  const card = useQuery({
    queryKey: ['card', runId, round ?? modelHash],
    queryFn: ({ signal }) => fetchModelCard(runId, round, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const choices = rounds
    .filter(({ outcome }) => outcome === 'committed')
    .toReversed()
    .map(({ roundNumber, validationAccuracy, participantAccuracy, isSuperseded }) => {
      const accuracy = validationAccuracy ?? participantAccuracy;
      const facts = [
        ...(accuracy === null ? [] : [finePercent(accuracy)]),
        ...(isSuperseded ? [text.leftBehind] : []),
      ];
      return { value: String(roundNumber), label: [text.roundOf(roundNumber), ...facts].join(' · ') };
    });
  return (
    <>
      <Section title={text.downloadModel}>
        <NativeSelect
          label={text.modelOfRound}
          maw={420}
          value={round === null ? '' : String(round)}
          onChange={(event) =>
            setRound(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))
          }
          data={[{ value: '', label: text.newestModel }, ...choices]}
        />
        <ul className="cards">
          {FORMATS.filter((format) => possible.includes(format)).map((format) => (
            <li key={format}>
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <div>
                  <Text fw={600}>{text.formats[format].title}</Text>
                  <Text size="sm" className="quiet">
                    {text.formats[format].hint}
                  </Text>
                </div>
                <Button
                  component="a"
                  variant="light"
                  href={exportAddress(runId, format, round)}
                  download
                  aria-label={text.downloadAs(text.formats[format].title)}
                  className="unshrunk"
                >
                  {text.download}
                </Button>
              </Group>
            </li>
          ))}
        </ul>
        {isAdaptable(manifest.model) && (
          <AdaptModel
            runId={runId}
            modelHash={rounds.find(({ roundNumber }) => roundNumber === round)?.modelHash ?? modelHash}
          />
        )}
      </Section>
      <Section
        title={text.modelCard}
        aside={
          <Button component="a" variant="default" href={exportAddress(runId, 'card', round)} download>
            {text.downloadCard}
          </Button>
        }
      >
        {card.error && <Problem error={card.error} retry={() => void card.refetch()} />}
        {!card.data && !card.error && <Text className="quiet">{words.loading}</Text>}
        {card.data && <Markdown source={card.data} />}
      </Section>
    </>
  );
}
