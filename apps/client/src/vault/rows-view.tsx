/**
 * The rows of a data set, a page at a time, and the editor for them: arrow keys move, Space selects, typing a label
 * sets it, Delete removes. A page holds what a screen shows, so that 60,000 rows are as quick as sixty.
 */
import { Button, Group, NativeSelect, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { words } from '../messages/index.ts';
import { type EditedRows, RowItems } from './row-items.tsx';
import { labelTyped } from './typed-label.ts';
import type { ListedDataSet, OwnExamples } from './use-own-examples.ts';
import { useRows } from './use-rows.ts';

const ROWS_PER_PAGE = { image: 60, tabular: 25, text: 15 } as const;

export default function RowsView({ dataSet, own }: { dataSet: ListedDataSet; own: OwnExamples }) {
  const text = words.data;
  const { id, schema, rowCount, name } = dataSet;
  const perPage = ROWS_PER_PAGE[schema.kind];
  const [first, setFirst] = useState(0);
  // Rows may go while the last page is shown.
  const from = Math.max(0, Math.min(first, Math.floor((rowCount - 1) / perPage) * perPage));
  const { rows, fault } = useRows(own.vault, id, from, perPage);
  const [active, setActive] = useState(0);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [said, setSaid] = useState('');
  const hintId = useId();
  const labels = schema.kind === 'text' ? null : schema.labels;

  if (rowCount === 0) return <Text mt="xs">{text.empty}</Text>;
  if (fault) return <Text mt="xs">{fault}</Text>;
  if (!rows) return null;
  const place = Math.min(active, rows.numbers.length - 1);
  const chosen = selected.size > 0 ? [...selected] : [rows.numbers[place]!];

  const relabel = async (label: number) => {
    if (await own.relabel(id, chosen, label)) setSaid(text.labelled(chosen.length, labels![label]!));
  };
  const remove = async () => {
    if (!(await own.deleteRows(id, chosen))) return;
    setSelected(new Set());
    setSaid(text.rowsDeleted(chosen.length));
  };
  const turnTo = (next: number, nextActive: number) => {
    setFirst(next);
    setActive(nextActive);
  };
  const edited: EditedRows = {
    name,
    schema,
    rows,
    active: place,
    selected,
    hintId,
    isFirstPage: from === 0,
    isLastPage: from + perPage >= rowCount,
    onMove(next, { extends: isExtending }) {
      if (isExtending) setSelected(new Set([...selected, rows.numbers[place]!, rows.numbers[next]!]));
      setActive(next);
    },
    onTurn(pages, nextActive) {
      turnTo(from + pages * perPage, nextActive ?? place);
    },
    onEnd: (end) =>
      end === 'first' ? turnTo(0, 0) : turnTo(Math.floor((rowCount - 1) / perPage) * perPage, perPage - 1),
    onToggle(number) {
      const next = new Set(selected);
      if (!next.delete(number)) next.add(number);
      setSelected(next);
    },
    onClear: () => setSelected(new Set()),
    onDelete: () => void remove(),
    onType(typed) {
      if (!labels) return;
      const found = labelTyped(typed, labels);
      if (found.kind === 'one') void relabel(found.label);
      else setSaid(found.kind === 'many' ? text.manyLabels(typed) : text.noLabel(typed));
    },
  };

  return (
    <div className="rows-view" data-testid="rows-view">
      <Text size="sm" className="quiet" id={hintId}>
        {text.editHint[schema.kind]}
      </Text>
      <RowItems {...edited} />
      {schema.kind === 'image' && (
        <Text size="sm" className="quiet">
          <span className="held-out-mark legend" /> {text.heldOut}
        </Text>
      )}
      <Group gap="xs" align="flex-end">
        <Button
          size="sm"
          variant="default"
          disabled={from === 0}
          onClick={() => turnTo(from - perPage, 0)}
          data-testid="previous-page"
        >
          {text.previousPage}
        </Button>
        <Text size="sm" className="figures" data-testid="page-position">
          {text.page(from + 1, Math.min(from + perPage, rowCount), rowCount)}
        </Text>
        <Button
          size="sm"
          variant="default"
          disabled={from + perPage >= rowCount}
          onClick={() => turnTo(from + perPage, 0)}
          data-testid="next-page"
        >
          {text.nextPage}
        </Button>
        {labels && (
          <NativeSelect
            size="sm"
            label={text.setLabel}
            value=""
            data-testid="set-label"
            onChange={(event) => void relabel(Number(event.currentTarget.value))}
            data={[
              { value: '', label: text.chooseLabel, disabled: true },
              ...labels.map((label, index) => ({ value: String(index), label })),
            ]}
          />
        )}
        <Button size="sm" variant="default" onClick={() => void remove()} data-testid="delete-rows">
          {text.deleteRows(chosen.length)}
        </Button>
      </Group>
      <Text size="sm" role="status" mih="1.5em" data-testid="edit-said">
        {said}
      </Text>
    </div>
  );
}
