/** One field of the form, by what its value is. What cannot be read as such a value goes into the draft as it was typed. */
import { NativeSelect, Textarea, TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';
import { AlphabetChoice } from './alphabet-choice.tsx';
import { BaseModelUpload } from './base-model-upload.tsx';
import { ColumnsInput } from './columns-input.tsx';
import type { Field } from './field.ts';
import { NOTATIONS, type Notation } from './notations.ts';
import { formWords } from './words.ts';

interface FieldInputProps {
  readonly field: Field;
  readonly value: unknown;
  /** What the coordinator would object to, if anything. */
  readonly fault: string | undefined;
  readonly onChange: (value: unknown) => void;
}

/** Help below, so that fields side by side stay level. */
const ORDER: NonNullable<TextInputProps['inputWrapperOrder']> = ['label', 'input', 'error', 'description'];

/** Of a choice: nothing at all. */
export const NONE = 'none';

export const fieldId = (path: string) => `field-${path}`;

export function FieldInput(props: FieldInputProps) {
  const { field } = props;
  switch (field.input) {
    case 'kind':
      return field.none ? (
        <ChoiceInput {...props} choices={[NONE, ...Object.keys(field.starters)]} preset={NONE} />
      ) : (
        <ChoiceInput {...props} choices={Object.keys(field.starters)} preset={field.preset} />
      );
    case 'choice':
      return <ChoiceInput {...props} choices={field.choices} preset={field.preset} />;
    case 'alphabet':
      return (
        <>
          <AlphabetChoice value={props.value} onChange={props.onChange} />
          <WrittenInput {...props} notation={NOTATIONS.alphabet} isLong={false} preset={undefined} />
        </>
      );
    case 'base-model':
      return (
        <>
          <WrittenInput {...props} notation={NOTATIONS.text} isLong={false} preset={undefined} />
          <BaseModelUpload onUploaded={props.onChange} />
        </>
      );
    case 'columns':
      return <ColumnsInput value={props.value} fault={props.fault} onChange={props.onChange} />;
    case 'words':
    case 'json':
    case 'long-text':
      return <WrittenInput {...props} notation={NOTATIONS[field.input]} isLong preset={undefined} />;
    case 'numbers':
    case 'separable-blocks':
      return <WrittenInput {...props} notation={NOTATIONS[field.input]} isLong={false} preset={undefined} />;
    case 'number':
    case 'text':
      return (
        <WrittenInput {...props} notation={NOTATIONS[field.input]} isLong={false} preset={field.preset} />
      );
  }
}

interface WrittenProps extends FieldInputProps {
  readonly notation: Notation;
  readonly isLong: boolean;
  readonly preset: string | number | undefined;
}

function WrittenInput({ field, value, fault, onChange, notation, isLong, preset }: WrittenProps) {
  // What was typed stays as it was typed (`1.`, `0.10`) while it means the value that the draft has.
  const [typed, setTyped] = useState('');
  const meant = notation.read(typed);
  const shown = JSON.stringify(meant) === JSON.stringify(value) ? typed : notation.write(value);
  const change = (text: string) => {
    setTyped(text);
    onChange(notation.read(text));
  };
  const common = {
    inputWrapperOrder: ORDER,
    ...wordsOf(field.words ?? field.path),
    id: fieldId(field.path),
    value: shown,
    error: fault,
    spellCheck: false,
    placeholder: preset === undefined || preset === '' ? undefined : formWords().preset(String(preset)),
  };
  if (isLong) {
    return (
      <Textarea
        {...common}
        onChange={(event) => change(event.currentTarget.value)}
        rows={field.input === 'json' ? 6 : 3}
        classNames={field.input === 'json' ? { input: 'code-input' } : {}}
      />
    );
  }
  return (
    <TextInput
      {...common}
      onChange={(event) => change(event.currentTarget.value)}
      inputMode={field.input === 'number' ? 'decimal' : 'text'}
    />
  );
}

interface ChoiceProps extends FieldInputProps {
  readonly choices: readonly (string | number | boolean)[];
  readonly preset: string | boolean | undefined;
}

function ChoiceInput({ field, value, fault, onChange, choices, preset }: ChoiceProps) {
  const names: Readonly<Record<string, string>> = formWords().choices;
  const chosen = value === undefined && preset !== undefined ? preset : value;
  const isKnown = choices.some((choice) => choice === chosen);
  const data = choices.map((choice) => ({
    value: String(choice),
    label: names[`${field.path}.${choice}`] ?? String(choice),
  }));
  return (
    <NativeSelect
      {...wordsOf(field.words ?? field.path)}
      inputWrapperOrder={ORDER}
      id={fieldId(field.path)}
      value={isKnown ? String(chosen) : ''}
      error={fault}
      disabled={choices.length === 1 && isKnown}
      onChange={(event) => onChange(choices.find((choice) => String(choice) === event.currentTarget.value))}
      data={isKnown ? data : [{ value: '', label: '–' }, ...data]}
    />
  );
}

/** A field without words, e.g. of a later manifest version, is called by its path. */
export function wordsOf(path: string): { label: string; description: string } {
  const fields: Readonly<Record<string, { label: string; help: string }>> = formWords().fields;
  const said = fields[path];
  return { label: said?.label ?? path, description: said?.help ?? '' };
}
