/** The manifest as a form: every field with what it means, and what is wrong with it said beside it. */
import { Button, Text } from '@mantine/core';
import type { FieldFault } from '@tributary/fl-core';
import { lazy, Suspense, useRef } from 'react';
import { Notice } from '../../appearance/notice.tsx';
import { Section } from '../../appearance/section.tsx';
import { ADDITIVE_CODECS, QUANTISED } from './compression-fields.ts';
import { type Draft, isDraft, valueAt, withKind, withValue } from './draft.ts';
import type { Field } from './field.ts';
import { FieldInput, NONE } from './field-input.tsx';
import { modelFittedToData } from './forecast.ts';
import { type FieldGroup, fieldGroups } from './manifest-fields.ts';
import { formWords } from './words.ts';

/** With all codes, to try plans out: the form is there before it. */
const WishForm = lazy(() => import('./wish-form.tsx'));

interface ManifestFormProps {
  readonly draft: Draft;
  readonly faults: readonly FieldFault[];
  readonly onChange: (draft: Draft) => void;
}

export function ManifestForm({ draft, faults, onChange }: ManifestFormProps) {
  // A kind that was left comes back as it was, should one choose it again.
  const left = useRef(new Map<string, unknown>());
  const change = (field: Field, value: unknown) => {
    if (field.input !== 'kind') return onChange(withValue(draft, field.path, value));
    const dot = field.path.lastIndexOf('.');
    const [path, key] = [field.path.slice(0, dot), field.path.slice(dot + 1)];
    const before = valueAt(draft, path);
    if (isDraft(before)) left.current.set(`${path}/${String(before[key])}`, before);
    if (field.none && value === NONE) return onChange(withValue(draft, path, undefined));
    const known = left.current.get(`${path}/${String(value)}`);
    const starter = field.starters[String(value)];
    const changed =
      known !== undefined ? withValue(draft, path, known) : starter && withKind(draft, path, starter, key);
    if (changed) onChange(path === 'secureAggregation' ? withRingIfSecure(changed) : changed);
  };
  return fieldGroups(draft).map((group) => (
    <Section key={group.name} title={formWords().groups[group.name].title}>
      <Text size="sm" className="quiet">
        {formWords().groups[group.name].hint}
      </Text>
      <GroupFaults group={group} draft={draft} faults={faults} onChange={onChange} />
      {group.name === 'compression' && (
        <Suspense>
          <WishForm draft={draft} onChange={onChange} />
        </Suspense>
      )}
      <div className="form-row">
        {group.fields.map((field) => (
          <div key={field.path} className={isWide(field) ? 'wide' : undefined}>
            <FieldInput
              field={field}
              value={valueAt(draft, field.path)}
              fault={faultAt(faults, field.path)}
              onChange={(value) => change(field, value)}
            />
          </div>
        ))}
      </div>
    </Section>
  ));
}

/** Masks add up in a ring only. */
function withRingIfSecure(draft: Draft): Draft {
  const isSecure = valueAt(draft, 'secureAggregation.mode') === 'sa-1';
  return isSecure && !ADDITIVE_CODECS.includes(valueAt(draft, 'compression.codec'))
    ? withValue(draft, 'compression', QUANTISED)
    : draft;
}

/** What no single field shows, e.g. that the model does not fit the data. */
function GroupFaults({ group, draft, faults, onChange }: ManifestFormProps & { group: FieldGroup }) {
  const own = faults.filter(
    ({ path }) =>
      group.paths.some((groupPath) => isAt(path, groupPath)) &&
      !group.fields.some((field) => isAt(path, field.path)),
  );
  if (own.length === 0) return null;
  const fitted = group.name === 'model' ? modelFittedToData(draft) : null;
  return (
    <Notice tone="careful">
      {own.map(({ path, message }) => (
        <Text key={`${path}/${message}`} size="sm">
          {message}
        </Text>
      ))}
      {fitted && (
        <Button
          mt="xs"
          size="compact-sm"
          variant="default"
          onClick={() => onChange(withValue(draft, 'model', fitted))}
        >
          {formWords().fitModel}
        </Button>
      )}
    </Notice>
  );
}

const isAt = (path: string, place: string) => path === place || path.startsWith(`${place}.`);

function faultAt(faults: readonly FieldFault[], place: string): string | undefined {
  const own = faults.filter(({ path }) => isAt(path, place));
  if (own.length === 0) return undefined;
  return own
    .map(({ path, message }) => (path === place ? message : `${path.slice(place.length + 1)}: ${message}`))
    .join('; ');
}

const isWide = ({ input }: Field) =>
  ['long-text', 'words', 'json', 'columns', 'alphabet', 'base-model'].includes(input);
