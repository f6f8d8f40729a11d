/** Takes a saved TensorFlow.js layers model: its layers become the model of the draft, its weights the first model. */
import { Button, Code, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { errorCodeOf, type ImportedModel, parameterCount } from '@tributary/fl-core';
import { useRef } from 'react';
import { importLayers } from '../../api/admin.ts';
import { Notice } from '../../appearance/notice.tsx';
import { Problem } from '../problem.tsx';
import { packedLayers } from './packed-layers.ts';
import { formWords } from './words.ts';

export function LayersUpload({ onImported }: { onImported: (imported: ImportedModel) => void }) {
  const text = formWords().layersImport;
  const input = useRef<HTMLInputElement>(null);
  const upload = useMutation({
    mutationFn: async (files: readonly File[]) => importLayers(await packedLayers(files)),
    onSuccess: onImported,
  });
  return (
    <div>
      <Button variant="default" loading={upload.isPending} onClick={() => input.current?.click()}>
        {text.choose}
      </Button>
      <Text size="sm" className="quiet" mt={4}>
        {text.hint}
      </Text>
      <input
        ref={input}
        hidden
        multiple
        type="file"
        accept=".json,.bin,.zip"
        aria-label={text.choose}
        data-testid="layers-files"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          if (files.length > 0) upload.mutate(files);
          // The same files can be chosen again after a mistake.
          currentTarget.value = '';
        }}
      />
      {upload.data && (
        <Text role="status" size="sm">
          {text.taken(parameterCount(upload.data.model.parameterShapes))}
        </Text>
      )}
      {upload.error && <Refusal error={upload.error} />}
    </div>
  );
}

/** In general words, and exactly as the coordinator says it. */
function Refusal({ error }: { error: Error }) {
  const refusals: Readonly<Record<string, string>> = formWords().layersImport.refusals;
  const code = errorCodeOf(error);
  const said = refusals[code];
  if (said === undefined) return <Problem error={error} />;
  return (
    <Notice tone="bad" title={said}>
      <Text size="sm">
        {error.message} <Code>{code}</Code>
      </Text>
    </Notice>
  );
}
