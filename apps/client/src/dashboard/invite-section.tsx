import { Button, CopyButton, Group, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { RunSummary } from '@tributary/fl-core';
import { createInvite } from '../api/admin.ts';
import { Section } from '../appearance/section.tsx';
import { dayAndTime } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { Problem } from './problem.tsx';

export function InviteSection({ run }: { run: RunSummary }) {
  const text = words.admin;
  const invite = useMutation({ mutationFn: () => createInvite(run.runId) });
  if (run.status === 'completed' || run.status === 'stopped') return null;
  return (
    <Section title={text.invite}>
      <Text size="sm" className="quiet">
        {text.inviteHint}
      </Text>
      {invite.data && (
        <>
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <TextInput
              label={text.joinLink}
              readOnly
              value={invite.data.joinUrl}
              onFocus={(event) => event.currentTarget.select()}
              flex={1}
              data-testid="join-link"
            />
            <CopyButton value={invite.data.joinUrl}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? text.copied : text.copy}
                </Button>
              )}
            </CopyButton>
          </Group>
          <Text size="sm" className="quiet">
            {text.expires(dayAndTime(invite.data.expiresAt))}
          </Text>
        </>
      )}
      {invite.error && <Problem error={invite.error} />}
      <Group>
        <Button variant="light" loading={invite.isPending} onClick={() => invite.mutate()}>
          {text.makeInvite}
        </Button>
      </Group>
    </Section>
  );
}
