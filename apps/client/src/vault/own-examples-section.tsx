import { Group, Text } from '@mantine/core';
import type { DataSchema, TaskManifest } from '@tributary/fl-core';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { Section } from '../appearance/section.tsx';
import { count } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { AddFiles } from './add-files.tsx';
import { DigitPad } from './digit-pad.tsx';
import { ImportResult } from './import-result.tsx';
import type { OwnExamples } from './use-own-examples.ts';

interface OwnExamplesProps {
  readonly manifest: TaskManifest;
  readonly own: OwnExamples;
  /** Called before everything is deleted. */
  readonly onErase: () => Promise<void>;
}

export function OwnExamplesSection({ manifest, own, onErase }: OwnExamplesProps) {
  const { data, eligibility } = manifest;
  const { counts } = own;
  const text = words.data;
  return (
    <Section
      title={text.title}
      aside={
        <Text data-testid="example-count" data-count={counts.all} data-training={counts.training} fw={600}>
          {text.have(counts.all)}
        </Text>
      }
    >
      {counts.all === 0 ? (
        <Text>{text.none}</Text>
      ) : (
        <Text size="sm">{text.split(counts.training, counts.all - counts.training)}</Text>
      )}
      {eligibility.minimumExamples > 1 && <Text size="sm">{text.needed(eligibility.minimumExamples)}</Text>}
      {data.kind !== 'text' && counts.all > 0 && <LabelCounts data={data} byLabel={counts.byLabel} />}
      <AddFiles data={data} own={own} />
      <ImportResult state={own.importing} />
      {data.kind === 'image' && data.channels === 1 && (
        <details>
          <summary>{text.draw}</summary>
          <DigitPad data={data} onAdd={own.add} />
        </details>
      )}
      {counts.all > 0 && (
        <Group>
          <ConfirmedAction
            label={text.deleteAll}
            question={text.deleteSure}
            yes={text.deleteYes}
            no={text.deleteNo}
            testId="delete-examples"
            onConfirmed={async () => {
              await onErase();
              await own.deleteAll();
            }}
          />
        </Group>
      )}
    </Section>
  );
}

function LabelCounts({
  data,
  byLabel,
}: {
  data: Exclude<DataSchema, { kind: 'text' }>;
  byLabel: ReadonlyMap<number, number>;
}) {
  return (
    <ul className="label-counts" aria-label={words.data.perLabel}>
      {data.labels.map((label, index) => (
        <li key={label}>
          <b>{label}</b>
          {count(byLabel.get(index) ?? 0)}
        </li>
      ))}
    </ul>
  );
}
