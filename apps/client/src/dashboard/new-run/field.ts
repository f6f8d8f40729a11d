/** A field of the form. Which fields there are depends on the kinds that the draft has chosen. */
import { type Draft, valueAt } from './draft.ts';

export type Field = Input & {
  readonly path: string;
  /** Where the catalogue has its words, when two kinds mean different things by one path. */
  readonly words?: string;
};

type Input =
  | { readonly input: 'number' | 'text' | 'long-text'; readonly preset?: string | number }
  | {
      readonly input: 'choice';
      readonly choices: readonly (string | number | boolean)[];
      readonly preset?: string | boolean;
    }
  /** Decides which other fields there are beside it. With `none`, there may be nothing at all where they are. */
  | {
      readonly input: 'kind';
      readonly starters: Readonly<Record<string, Draft>>;
      readonly none?: true;
      readonly preset?: string;
    }
  | {
      readonly input:
        | 'words'
        | 'numbers'
        | 'json'
        | 'columns'
        | 'alphabet'
        | 'separable-blocks'
        | 'base-model';
    };

/** The choice of a kind, and the fields that the chosen one has. `key`: the field that tells the kinds apart. */
export function ofKind(
  draft: Draft,
  path: string,
  starters: Readonly<Record<string, Draft>>,
  fields: Readonly<Record<string, readonly Field[]>>,
  { key, preset }: { readonly key: string; readonly preset?: string } = { key: 'kind' },
): Field[] {
  const chosen = valueAt(draft, `${path}.${key}`) ?? preset;
  const kind = typeof chosen === 'string' ? chosen : '';
  return [
    { path: `${path}.${key}`, input: 'kind', starters, ...(preset !== undefined && { preset }) },
    ...(Object.hasOwn(fields, kind) ? fields[kind]! : []),
  ];
}
