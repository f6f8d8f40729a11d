/**
 * How far the secure sum came: who is left at each stage, against the fewest that may be summed, and how long each stage
 * took. Of the round in progress; between rounds, of the last one that had a sum.
 */
import { Text } from '@mantine/core';
import type { RunDetail, SecureSumRecord } from '@tributary/fl-core';
import { Section } from '../../appearance/section.tsx';
import { count, shortDuration } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';

export function SecureSumSection({ run: { live, rounds } }: { run: RunDetail }) {
  const text = words.admin.secureSum;
  const shown = live?.secureSum ? live : rounds.findLast(({ secureSum }) => secureSum);
  const record = shown?.secureSum;
  if (!shown || !record) return null;
  return (
    <Section
      title={text.title}
      aside={<Text className="quiet">{words.admin.roundOf(shown.roundNumber)}</Text>}
    >
      <dl className="funnel secure-sum" data-testid="secure-sum" data-round={shown.roundNumber}>
        <StageRow name={text.cohort} members={record.cohort} record={record} note="" />
        {record.stages.map(({ stage, members, seconds }) => (
          <StageRow
            key={stage}
            name={text.stages[stage]}
            members={members}
            record={record}
            note={seconds === null ? text.underWay : shortDuration(seconds)}
          />
        ))}
      </dl>
      <Text size="sm" className="quiet">
        {text.minimum(record.minimumSurvivors)} {text.graphOf(record)}
      </Text>
      <Text size="sm">
        <b>{text.labels[record.label].name}</b>: {text.labels[record.label].means}
      </Text>
    </Section>
  );
}

interface StageRowProps {
  readonly name: string;
  readonly members: number;
  readonly record: SecureSumRecord;
  readonly note: string;
}

function StageRow({ name, members, record: { cohort, minimumSurvivors }, note }: StageRowProps) {
  const share = (people: number) => `${100 * Math.min(1, people / Math.max(1, cohort))}%`;
  return (
    <div className="funnel-row" data-stage={name}>
      <dt>{name}</dt>
      <dd>
        <span className="funnel-bar with-minimum" aria-hidden>
          <span style={{ width: share(members) }} />
          <i style={{ insetInlineStart: share(minimumSurvivors) }} />
        </span>
        <span className="figures">
          {words.admin.secureSum.of(members, cohort)} <span className="quiet">{note}</span>
        </span>
      </dd>
    </div>
  );
}

/** In the list of rounds: who is in the sum, of how many. */
export function secureSumInShort(record: SecureSumRecord | undefined): string {
  if (!record) return '–';
  const survivors = record.stages.find(({ stage }) => stage === 'masking')?.members ?? 0;
  return `${count(survivors)} / ${count(record.cohort)} (≥ ${count(record.minimumSurvivors)})`;
}

/** The label, and who did each stage, in what time. */
export function secureSumInWords({ label, stages }: SecureSumRecord): string {
  const text = words.admin.secureSum;
  const done = stages.map(
    ({ stage, members, seconds }) =>
      `${text.stages[stage]}: ${count(members)}${seconds === null ? '' : ` (${shortDuration(seconds)})`}`,
  );
  return [text.labels[label].name, ...done].join('; ');
}
