/** The alphabet of a text task: one of the usual ones, or any other typed out. */
import { NativeSelect } from '@mantine/core';
import { ALPHABETS, type AlphabetName } from '@tributary/fl-core';
import { formWords } from './words.ts';

const NAMES = Object.keys(ALPHABETS) as AlphabetName[];

interface AlphabetChoiceProps {
  readonly value: unknown;
  readonly onChange: (value: string) => void;
}

export function AlphabetChoice({ value, onChange }: AlphabetChoiceProps) {
  const text = formWords().alphabets;
  const chosen = NAMES.find((name) => ALPHABETS[name] === value);
  const data = NAMES.map((name) => ({
    value: name,
    label: text.named(text.names[name], [...ALPHABETS[name]].length),
  }));
  return (
    <NativeSelect
      label={text.label}
      value={chosen ?? ''}
      onChange={(event) => {
        const name = NAMES.find((candidate) => candidate === event.currentTarget.value);
        if (name) onChange(ALPHABETS[name]);
      }}
      data={chosen ? data : [{ value: '', label: text.own }, ...data]}
      mb="xs"
    />
  );
}
