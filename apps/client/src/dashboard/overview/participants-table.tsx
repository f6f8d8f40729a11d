/** Who is here. Rows are plain and remember themselves: hundreds of them are looked at again every second. */
import { Button, Text } from '@mantine/core';
import type { RunDetail } from '@tributary/fl-core';
import { memo, useState } from 'react';
import { ScrollBox } from '../../appearance/scroll-box.tsx';
import { Section } from '../../appearance/section.tsx';
import { count, percent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { nameOfBackend } from './backend-name.ts';
import { type Order, sorted } from './sorted.ts';

type Participant = RunDetail['participants'][number];
const COLUMNS = [
  'label',
  'backend',
  'exampleCount',
  'stage',
  'progress',
  'examplesPerSecond',
  'acceptedUpdates',
] as const;
type Column = (typeof COLUMNS)[number];
/** With secure aggregation nobody tells them. */
const UNTOLD: ReadonlySet<Column> = new Set(['exampleCount', 'examplesPerSecond']);
const FIGURES: ReadonlySet<Column> = new Set(['exampleCount', 'examplesPerSecond', 'acceptedUpdates']);
const STAGES = ['training', 'ready', 'reported', 'waiting', 'dropped'];
/** Shown at first, and more with each press of the button. */
const PAGE = 200;

export function ParticipantsTable({ participants, manifest }: Pick<RunDetail, 'participants' | 'manifest'>) {
  const text = words.admin;
  const isSecure = manifest.secureAggregation.mode !== 'off';
  const [order, setOrder] = useState<Order<Column>>({ by: 'label', descending: false });
  const [limit, setLimit] = useState(PAGE);
  const shown = sorted(participants, sortValue, order).slice(0, limit);
  const sortBy = (column: Column) =>
    setOrder({ by: column, descending: order.by === column ? !order.descending : FIGURES.has(column) });
  return (
    <Section title={text.participants} aside={<Text className="quiet">{count(participants.length)}</Text>}>
      {participants.length === 0 ? (
        <Text className="quiet">{text.noParticipants}</Text>
      ) : (
        <ScrollBox of={text.participants}>
          <table className="plain-table">
            <thead>
              <tr>
                {COLUMNS.filter((column) => !isSecure || !UNTOLD.has(column)).map((column) => (
                  <th
                    key={column}
                    scope="col"
                    data-figures={FIGURES.has(column) || undefined}
                    aria-sort={
                      order.by === column ? (order.descending ? 'descending' : 'ascending') : undefined
                    }
                  >
                    <button type="button" onClick={() => sortBy(column)}>
                      {text.participantColumns[column]}
                      <span aria-hidden>{order.by === column ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((participant) => (
                <Row key={participant.label} participant={participant} isSecure={isSecure} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {participants.length > limit && (
        <Button variant="default" onClick={() => setLimit(limit + PAGE)}>
          {text.showMore(participants.length - limit)}
        </Button>
      )}
    </Section>
  );
}

interface RowProps {
  readonly participant: Participant;
  readonly isSecure: boolean;
}

const Row = memo(function Row({ participant, isSecure }: RowProps) {
  const { label, backend, exampleCount, stage, progress, examplesPerSecond, acceptedUpdates } = participant;
  return (
    <tr>
      <td className="hash">{label}</td>
      <td>{nameOfBackend(backend)}</td>
      {!isSecure && <td data-figures>{count(exampleCount)}</td>}
      <td>{words.admin.stages[stage]}</td>
      <td>
        <progress value={progress} aria-label={`${words.admin.participantColumns.progress}: ${label}`}>
          {percent(progress)}
        </progress>
      </td>
      {!isSecure && (
        <td data-figures>{examplesPerSecond > 0 ? count(Math.round(examplesPerSecond)) : '–'}</td>
      )}
      <td data-figures>{count(acceptedUpdates)}</td>
    </tr>
  );
});

function sortValue(participant: Participant, column: Column): number | string {
  return column === 'stage' ? STAGES.indexOf(participant.stage) : participant[column];
}
