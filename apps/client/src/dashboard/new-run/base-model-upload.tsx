/** Brings a model to the coordinator that a run adapts, and names it by its hash. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { uploadModel } from '../../api/admin.ts';
import { Problem } from '../problem.tsx';
import { formWords } from './words.ts';

export function BaseModelUpload({ onUploaded }: { onUploaded: (modelHash: string) => void }) {
  const text = formWords();
  const file = useRef<HTMLInputElement>(null);
  const upload = useMutation({
    mutationFn: uploadModel,
    onSuccess: ({ modelHash }) => onUploaded(modelHash),
  });
  return (
    <>
      <Button
        mt="xs"
        size="compact-sm"
        variant="default"
        loading={upload.isPending}
        onClick={() => file.current?.click()}
      >
        {text.uploadBaseModel}
      </Button>
      <input
        ref={file}
        hidden
        type="file"
        accept=".trbf,application/octet-stream"
        aria-label={text.uploadBaseModel}
        onChange={({ currentTarget }) => {
          const [chosen] = currentTarget.files ?? [];
          if (chosen) upload.mutate(chosen);
          // The same file can be chosen again after a mistake.
          currentTarget.value = '';
        }}
      />
      {upload.error && <Problem error={upload.error} />}
    </>
  );
}
