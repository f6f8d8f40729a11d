import { Button, CopyButton, Group, TextInput } from '@mantine/core';
import { words } from '../messages/index.ts';

/** A long word to hand on: selected as soon as it is touched, and copied by a button. */
export function CopyField({ label, value, testId }: { label: string; value: string; testId?: string }) {
  const text = words.admin;
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <TextInput
        label={label}
        readOnly
        value={value}
        onFocus={(event) => event.currentTarget.select()}
        flex={1}
        classNames={{ input: 'code-input' }}
        data-testid={testId}
      />
      {/* Without a secure context there is no clipboard to write to. */}
      {window.isSecureContext && (
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy} aria-label={`${text.copy}: ${label}`}>
              {copied ? text.copied : text.copy}
            </Button>
          )}
        </CopyButton>
      )}
    </Group>
  );
}
