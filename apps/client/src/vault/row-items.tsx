/** One page of rows as pictures, as a table or as lines of text, with one keyboard for all three. */
import type { DataSchema } from '@tributary/fl-core';
import type { Rows } from '@tributary/participant';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { words } from '../messages/index.ts';
import { Picture } from './picture.tsx';
import { tableCells, textOf } from './row-words.ts';

export interface EditedRows {
  readonly name: string;
  readonly schema: DataSchema;
  readonly rows: Rows;
  readonly active: number;
  /** By number, over all pages. */
  readonly selected: ReadonlySet<number>;
  readonly hintId: string;
  readonly isFirstPage: boolean;
  readonly isLastPage: boolean;
  readonly onMove: (place: number, how: { extends: boolean }) => void;
  /** So many pages on or back; the active place there, or the same as here. */
  readonly onTurn: (pages: number, active?: number) => void;
  readonly onEnd: (end: 'first' | 'last') => void;
  readonly onToggle: (number: number) => void;
  readonly onClear: () => void;
  readonly onDelete: () => void;
  readonly onType: (typed: string) => void;
}

export function RowItems(props: EditedRows) {
  const { schema, rows, active, hintId, name } = props;
  const box = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  // The keys go to the active row, wherever it has moved; a click elsewhere keeps the focus where it is.
  useEffect(() => {
    if (!hadFocus.current) return;
    box.current?.querySelector<HTMLElement>(`[data-place="${active}"]`)?.focus({ preventScroll: false });
  });
  const items = [...rows.numbers.keys()];
  const byKey = (event: KeyboardEvent) => {
    if (!handleKey(event, props, columnsOf(box.current))) return;
    event.preventDefault();
    hadFocus.current = true;
  };
  const attributesOf = (place: number) => ({
    'data-place': place,
    'data-number': rows.numbers[place],
    'data-label': schema.kind === 'text' ? undefined : rows.labels[place],
    'data-held-out': rows.heldOut[place] ? true : undefined,
    'aria-selected': props.selected.has(rows.numbers[place]!),
    onClick: () => {
      props.onMove(place, { extends: false });
      props.onToggle(rows.numbers[place]!);
    },
    onFocus: () => {
      hadFocus.current = true;
      if (place !== active) props.onMove(place, { extends: false });
    },
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the rows inside
    <div
      ref={box}
      onKeyDown={byKey}
      onBlur={(event) => {
        // A row that goes away with its page loses the focus too; the next one takes it over.
        hadFocus.current = event.currentTarget.contains(event.relatedTarget) || !event.target.isConnected;
      }}
      className="row-items"
    >
      <ItemsOfKind
        items={items}
        schema={schema}
        rows={rows}
        name={name}
        hintId={hintId}
        active={active}
        of={attributesOf}
      />
    </div>
  );
}

interface ItemsProps {
  readonly items: readonly number[];
  readonly schema: DataSchema;
  readonly rows: Rows;
  readonly name: string;
  readonly hintId: string;
  readonly active: number;
  readonly of: (place: number) => Record<string, unknown>;
}

function ItemsOfKind({ items, schema, rows, name, hintId, active, of }: ItemsProps): ReactNode {
  const text = words.data;
  const listbox = {
    role: 'listbox',
    'aria-multiselectable': true,
    'aria-label': text.rowsOf(name),
    'aria-describedby': hintId,
  } as const;
  switch (schema.kind) {
    case 'image':
      return (
        <div {...listbox} className="picture-grid">
          {items.map((place) => {
            const label = schema.labels[rows.labels[place]!]!;
            const isHeldOut = rows.heldOut[place] === 1;
            return (
              <div
                key={rows.numbers[place]}
                role="option"
                tabIndex={place === active ? 0 : -1}
                aria-label={text.row(rows.numbers[place]! + 1, label, isHeldOut)}
                {...of(place)}
              >
                <Picture schema={schema} inputs={rows.inputs} row={place} />
                <span className="picture-label">{label}</span>
                {isHeldOut && <span className="held-out-mark" title={text.heldOut} />}
              </div>
            );
          })}
        </div>
      );
    case 'tabular':
      return (
        <div className="scroll-box">
          {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows are chosen and edited */}
          <table role="grid" aria-multiselectable aria-label={text.rowsOf(name)} aria-describedby={hintId}>
            <thead>
              <tr>
                <th scope="col">{text.rowNumber}</th>
                <th scope="col">{text.label}</th>
                <th scope="col">{text.use}</th>
                {schema.columns.map((column) => (
                  <th key={column.name} scope="col">
                    {column.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((place) => (
                <tr key={rows.numbers[place]} tabIndex={place === active ? 0 : -1} {...of(place)}>
                  <td>{rows.numbers[place]! + 1}</td>
                  <td>{schema.labels[rows.labels[place]!]}</td>
                  <td>{rows.heldOut[place] ? text.heldOut : text.trains}</td>
                  {tableCells(schema, rows.inputs, place).map((cell, i) => (
                    <td key={schema.columns[i]!.name}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case 'text':
      return (
        <div {...listbox} className="text-rows">
          {items.map((place) => (
            <div
              key={rows.numbers[place]}
              role="option"
              tabIndex={place === active ? 0 : -1}
              title={text.textRow(rows.numbers[place]! + 1, rows.heldOut[place] === 1)}
              {...of(place)}
            >
              {textOf(schema, rows.inputs, place)}
            </div>
          ))}
        </div>
      );
  }
}

/** Whether the key meant something here. */
function handleKey(event: KeyboardEvent, rows: EditedRows, columns: number): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const last = rows.rows.numbers.length - 1;
  const how = { extends: event.shiftKey };
  const move = (by: number) => {
    const place = rows.active + by;
    if (place >= 0 && place <= last) rows.onMove(place, how);
    else if (place < 0 && !rows.isFirstPage) rows.onTurn(-1, Number.MAX_SAFE_INTEGER);
    else if (place > last && !rows.isLastPage) rows.onTurn(1, 0);
    return true;
  };
  switch (event.key) {
    case 'ArrowRight':
      return move(1);
    case 'ArrowLeft':
      return move(-1);
    case 'ArrowDown':
      return move(columns);
    case 'ArrowUp':
      return move(-columns);
    case 'PageDown':
      if (!rows.isLastPage) rows.onTurn(1);
      return true;
    case 'PageUp':
      if (!rows.isFirstPage) rows.onTurn(-1);
      return true;
    case 'Home':
      rows.onEnd('first');
      return true;
    case 'End':
      rows.onEnd('last');
      return true;
    case ' ':
      rows.onToggle(rows.rows.numbers[rows.active]!);
      return true;
    case 'Escape':
      rows.onClear();
      return true;
    case 'Delete':
    case 'Backspace':
      rows.onDelete();
      return true;
    default:
      if ([...event.key].length !== 1) return false;
      rows.onType(event.key);
      return true;
  }
}

/** As many pictures as stand side by side now; one for tables and texts. */
function columnsOf(box: HTMLElement | null): number {
  const grid = box?.querySelector('.picture-grid');
  return grid ? getComputedStyle(grid).gridTemplateColumns.split(' ').length : 1;
}
