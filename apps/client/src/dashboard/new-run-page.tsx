/** A new run from a template, its manifest edited as JSON and checked while it is typed. */
import { Anchor, Button, Code, Group, NativeSelect, Stack, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Template } from '@tributary/fl-core';
import { useState } from 'react';
import { createRun, fetchTemplates } from '../api/admin.ts';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { Notice } from '../appearance/notice.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';
import { type CheckedManifest, checkedManifest } from './checked-manifest.ts';
import { Problem } from './problem.tsx';
import { RUNS_ADDRESS, runAddress } from './view.ts';

export function NewRunPage() {
  const templates = useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => fetchTemplates(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (templates.error) return <Problem error={templates.error} retry={() => void templates.refetch()} />;
  if (!templates.data) return <LoadingPage />;
  return (
    <Stack gap="md">
      <Anchor href={RUNS_ADDRESS}>← {words.admin.allRuns}</Anchor>
      <title>{`${words.admin.createTitle} · ${words.product}`}</title>
      <Title order={1}>{words.admin.createTitle}</Title>
      <NewRunForm templates={templates.data} />
    </Stack>
  );
}

function NewRunForm({ templates }: { templates: readonly Template[] }) {
  const text = words.admin;
  const [templateId, setTemplateId] = useState(templates[0]?.id ?? '');
  const template = templates.find(({ id }) => id === templateId);
  const [manifestText, setManifestText] = useState(() => textOf(template));
  const checked = checkedManifest(manifestText);
  const creation = useMutation({
    mutationFn: createRun,
    onSuccess: (run) => {
      location.href = runAddress(run.runId);
    },
  });
  const choose = (id: string) => {
    setTemplateId(id);
    setManifestText(textOf(templates.find((candidate) => candidate.id === id)));
  };
  return (
    <Section title={template?.title ?? text.manifest}>
      {templates.length > 0 ? (
        <NativeSelect
          label={text.template}
          description={template?.description}
          value={templateId}
          onChange={(event) => choose(event.currentTarget.value)}
          data={templates.map(({ id, title }) => ({ value: id, label: title }))}
        />
      ) : (
        <Text>{text.noTemplates}</Text>
      )}
      <Textarea
        label={text.manifest}
        value={manifestText}
        onChange={(event) => setManifestText(event.currentTarget.value)}
        rows={22}
        spellCheck={false}
        classNames={{ input: 'code-input' }}
        aria-invalid={!checked.ok}
      />
      <ManifestVerdict checked={checked} />
      {creation.error && <Problem error={creation.error} />}
      <Group>
        <Button
          disabled={!checked.ok}
          loading={creation.isPending}
          onClick={() => checked.ok && creation.mutate({ manifest: checked.manifest })}
        >
          {text.createRun}
        </Button>
      </Group>
    </Section>
  );
}

function ManifestVerdict({ checked }: { checked: CheckedManifest }) {
  const text = words.admin;
  if (checked.ok) return <Text role="status">{text.valid}</Text>;
  if (checked.notJson !== null) return <Notice tone="careful">{text.notJson(checked.notJson)}</Notice>;
  return (
    <Notice tone="careful" title={text.faults(checked.faults.length)}>
      <ul className="faults">
        {checked.faults.map(({ path, message }) => (
          <li key={`${path}/${message}`}>
            <Code>{path}</Code> {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

const textOf = (template: Template | undefined) => JSON.stringify(template?.manifest ?? {}, null, 2);
