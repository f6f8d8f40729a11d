/** A new run, from a template or another run: edited as a form or as JSON, and checked while it is typed. */
import { Button, Code, Group, NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import {
  adaptedManifest,
  type FieldFault,
  type ImportedModel,
  isAdaptable,
  type RunDetail,
} from '@tributary/fl-core';
import { lazy, Suspense, useRef, useState } from 'react';
import { createRun, fetchRun, fetchTemplates } from '../../api/admin.ts';
import { LoadingPage } from '../../appearance/loading-page.tsx';
import { Notice } from '../../appearance/notice.tsx';
import { Section } from '../../appearance/section.tsx';
import { spokenLanguage, words } from '../../messages/index.ts';
import { useMay } from '../operator-context.ts';
import { Problem } from '../problem.tsx';
import { type Origin, runAddress } from '../view.ts';
import { ViewTitle } from '../view-title.tsx';
import { explainFaultsIn, faultsOf, parsedText } from './checked-manifest.ts';
import { type Draft, isDraft, withValue } from './draft.ts';
import { fieldId, wordsOf } from './field-input.tsx';
import { LayersUpload } from './layers-upload.tsx';
import { ManifestForm } from './manifest-form.tsx';
import { formWords } from './words.ts';

/** With all codes, to try plans out: the form is there before it. */
const ForecastSection = lazy(() => import('./forecast-section.tsx'));

explainFaultsIn(spokenLanguage());

/** A manifest to begin with. */
interface Start {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly manifest: Draft;
}

export default function NewRunPage({ from }: { from: Origin | null }) {
  const text = formWords();
  const mayCreate = useMay('operator');
  const templates = useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => fetchTemplates(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const copied = useQuery({
    queryKey: ['copied', from?.runId],
    queryFn: ({ signal }) => fetchRun(from!.runId, null, signal),
    enabled: from !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const asked = from === null ? [templates] : [templates, copied];
  const failed = asked.find(({ error }) => error);
  if (failed?.error) return <Problem error={failed.error} retry={() => void failed.refetch()} />;
  if (!templates.data || (from !== null && !copied.data)) return <LoadingPage />;
  const starts: Start[] = [
    ...(from && copied.data ? [startFrom(from, copied.data)] : []),
    ...templates.data.map(({ manifest, ...template }) => ({ ...template, manifest: { ...manifest } })),
  ];
  return (
    <Stack gap="md">
      <ViewTitle name={text.createTitle} />
      {mayCreate ? (
        <NewRunForm starts={starts} />
      ) : (
        <Notice tone="careful">{words.admin.onlyOperators}</Notice>
      )}
    </Stack>
  );
}

function startFrom({ baseModel }: Origin, { manifest, summary }: RunDetail): Start {
  const text = formWords();
  const isAdapted = baseModel !== null && isAdaptable(manifest.model);
  const name = (isAdapted ? text.adaptationOf : text.copyOf)(summary.name).slice(0, 120);
  return {
    id: summary.runId,
    title: name,
    description: summary.runId,
    manifest: isAdapted ? { ...adaptedManifest(manifest, { baseModel, name }) } : { ...manifest, name },
  };
}

function NewRunForm({ starts }: { starts: readonly Start[] }) {
  const text = formWords();
  const [startId, setStartId] = useState(starts[0]?.id ?? '');
  const start = starts.find(({ id }) => id === startId);
  const [draft, setDraft] = useState<Draft>(start?.manifest ?? {});
  /** What the JSON editor holds; null while the form is shown. */
  const [json, setJson] = useState<string | null>(null);
  // Whoever looks at another template finds what was edited when coming back.
  const drafts = useRef(new Map<string, Draft>());
  const creation = useMutation({
    mutationFn: createRun,
    onSuccess: (run) => {
      location.href = runAddress(run.runId);
    },
  });
  const typed = json === null ? null : parsedText(json);
  const document = typed && 'document' in typed ? typed.document : draft;
  const notJson = typed && 'notJson' in typed ? typed.notJson : null;
  const faults = notJson === null ? faultsOf(document) : [];
  const choose = (id: string) => {
    drafts.current.set(startId, draft);
    const next = drafts.current.get(id) ?? starts.find((candidate) => candidate.id === id)?.manifest ?? {};
    setStartId(id);
    setDraft(next);
    if (json !== null) setJson(written(next));
  };
  const editJson = (edited: string) => {
    setJson(edited);
    const parsed = parsedText(edited);
    if ('document' in parsed && isDraft(parsed.document)) setDraft(parsed.document);
  };
  const takeModel = ({ model, modelHash }: ImportedModel) => {
    const next = withValue(withValue(draft, 'model', model), 'initialModel', modelHash);
    setDraft(next);
    if (json !== null) setJson(written(next));
  };
  return (
    <div className="new-run">
      <div className="stacked">
        <Section title={text.startFrom}>
          {starts.length > 0 ? (
            <NativeSelect
              label={text.template}
              description={start?.description}
              value={startId}
              onChange={(event) => choose(event.currentTarget.value)}
              data={starts.map(({ id, title }) => ({ value: id, label: title }))}
            />
          ) : (
            <Text>{text.noTemplates}</Text>
          )}
          <LayersUpload onImported={takeModel} />
          <Group gap="xs" role="group" aria-label={text.editAs}>
            <Button
              variant={json === null ? 'filled' : 'default'}
              aria-pressed={json === null}
              disabled={notJson !== null || !isDraft(document)}
              onClick={() => setJson(null)}
            >
              {text.asForm}
            </Button>
            <Button
              variant={json === null ? 'default' : 'filled'}
              aria-pressed={json !== null}
              onClick={() => json === null && setJson(written(draft))}
            >
              {text.asJson}
            </Button>
          </Group>
        </Section>
        {json === null ? (
          <ManifestForm draft={draft} faults={faults} onChange={setDraft} />
        ) : (
          <Section title={text.manifest}>
            <Textarea
              label={text.manifest}
              labelProps={{ className: 'unheard' }}
              value={json}
              onChange={(event) => editJson(event.currentTarget.value)}
              rows={28}
              spellCheck={false}
              classNames={{ input: 'code-input' }}
              aria-invalid={notJson !== null || faults.length > 0}
            />
          </Section>
        )}
      </div>
      <div className="stacked follows">
        <Suspense>
          <ForecastSection draft={draft} />
        </Suspense>
        <Section title={text.check}>
          {notJson === null ? (
            <Verdict faults={faults} onForm={json === null} />
          ) : (
            <Notice tone="careful">{text.notJson(notJson)}</Notice>
          )}
          {creation.error && <Problem error={creation.error} />}
          <Button
            disabled={notJson !== null || faults.length > 0}
            loading={creation.isPending}
            onClick={() => creation.mutate({ manifest: document })}
          >
            {text.createRun}
          </Button>
          <Text size="sm" className="quiet">
            {text.startsPaused}
          </Text>
        </Section>
      </div>
    </div>
  );
}

/** `onForm`: each fault leads to its field. */
function Verdict({ faults, onForm }: { faults: readonly FieldFault[]; onForm: boolean }) {
  const text = formWords();
  if (faults.length === 0) return <Text role="status">{text.valid}</Text>;
  return (
    <Notice tone="careful" title={text.faults(faults.length)}>
      <ul className="faults">
        {faults.map(({ path, message }) => (
          <li key={`${path}/${message}`}>
            {onForm ? (
              <button type="button" className="link-button" onClick={() => focusField(path)}>
                {wordsOf(path).label}
              </button>
            ) : (
              <Code>{path}</Code>
            )}{' '}
            {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** The field itself, or the one that holds it. */
function focusField(path: string): void {
  for (let place = path; place; place = place.slice(0, Math.max(0, place.lastIndexOf('.')))) {
    const field =
      document.getElementById(fieldId(place)) ?? document.getElementById(fieldId(`${place}.kind`));
    field?.focus();
    if (field) return;
  }
}

const written = (draft: Draft) => JSON.stringify(draft, null, 2);
