/** The columns of a table: each a number with its mean and deviation, or a category with its values. */
import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { words } from '../../messages/index.ts';
import { type Draft, isDraft, withKind } from './draft.ts';
import { NOTATIONS } from './notations.ts';
import { formWords } from './words.ts';

const STARTERS = {
  number: { kind: 'number', name: '', mean: 0, deviation: 1 },
  category: { kind: 'category', name: '', categories: [] },
} as const satisfies Record<string, Draft>;

interface ColumnsInputProps {
  readonly value: unknown;
  readonly fault: string | undefined;
  readonly onChange: (value: unknown) => void;
}

export function ColumnsInput({ value, fault, onChange }: ColumnsInputProps) {
  const text = formWords().columns;
  const columns = Array.isArray(value) ? value.map((column: unknown) => (isDraft(column) ? column : {})) : [];
  const replace = (position: number, column: Draft) =>
    onChange(columns.map((other, at) => (at === position ? column : other)));
  return (
    <fieldset className="columns-input">
      <legend>{text.title}</legend>
      {fault && (
        <Text size="sm" className="field-fault" role="alert">
          {fault}
        </Text>
      )}
      {columns.map((column, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column's place is what it is known by
        <details key={position}>
          <summary>
            {position + 1}. {String(column.name ?? '')}{' '}
            <span className="quiet">{String(column.kind ?? '')}</span>
          </summary>
          <ColumnFields
            column={column}
            onChange={(changed) => replace(position, changed)}
            onRemove={() => onChange(columns.filter((_, at) => at !== position))}
          />
        </details>
      ))}
      <Group>
        <Button size="compact-sm" variant="default" onClick={() => onChange([...columns, STARTERS.number])}>
          {text.add}
        </Button>
      </Group>
    </fieldset>
  );
}

function ColumnFields({
  column,
  onChange,
  onRemove,
}: {
  column: Draft;
  onChange: (column: Draft) => void;
  onRemove: () => void;
}) {
  const text = formWords().columns;
  const written = (key: 'name' | 'mean' | 'deviation' | 'categories', notation: keyof typeof NOTATIONS) => (
    <TextInput
      label={text[key]}
      value={NOTATIONS[notation].write(column[key])}
      onChange={(event) =>
        onChange({ ...column, [key]: NOTATIONS[notation].read(event.currentTarget.value) ?? '' })
      }
    />
  );
  return (
    <div className="form-row">
      {written('name', 'text')}
      <NativeSelect
        label={text.kind}
        value={String(column.kind ?? '')}
        onChange={(event) =>
          onChange(
            withKind({ column }, 'column', STARTERS[event.currentTarget.value as keyof typeof STARTERS])
              .column as Draft,
          )
        }
        data={Object.keys(STARTERS).map((kind) => ({
          value: kind,
          label: text.kinds[kind as keyof typeof STARTERS],
        }))}
      />
      {column.kind === 'category' ? (
        written('categories', 'words')
      ) : (
        <>
          {written('mean', 'number')}
          {written('deviation', 'number')}
        </>
      )}
      <Button
        variant="default"
        className="remove-column"
        onClick={onRemove}
        aria-label={text.remove(String(column.name ?? ''))}
      >
        {words.admin.remove}
      </Button>
    </div>
  );
}
