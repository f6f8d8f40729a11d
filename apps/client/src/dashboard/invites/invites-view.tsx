/** Who may come: join links with their limits, how often each was used, and an end to each. */
import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { RunSummary } from '@tributary/fl-core';
import { fetchInvites } from '../../api/admin.ts';
import { Section } from '../../appearance/section.tsx';
import { words } from '../../messages/index.ts';
import { useMay } from '../operator-context.ts';
import { Problem } from '../problem.tsx';
import { CoordinatorSection } from './coordinator-section.tsx';
import { InviteCard } from './invite-card.tsx';
import { NewInviteForm } from './new-invite-form.tsx';

export function InvitesView({ run }: { run: RunSummary }) {
  const text = words.admin;
  const maySteer = useMay('operator');
  const invites = useQuery({
    queryKey: ['run', run.runId, 'invites'],
    queryFn: ({ signal }) => fetchInvites(run.runId, signal),
    enabled: maySteer,
    refetchInterval: 3000,
  });
  const isOver = run.status === 'completed' || run.status === 'stopped';
  if (!maySteer) {
    return (
      <Section title={text.invite}>
        <Text className="quiet">{text.onlyOperators}</Text>
      </Section>
    );
  }
  return (
    <div className="run-columns">
      <Stack gap="md">
        <CoordinatorSection />
      </Stack>
      <Stack gap="md">
        <Section title={text.invite}>
          {isOver ? <Text className="quiet">{text.inviteRunOver}</Text> : <NewInviteForm runId={run.runId} />}
        </Section>
        <Section title={text.invites}>
          {invites.error && <Problem error={invites.error} retry={() => void invites.refetch()} />}
          {!invites.data && !invites.error && <Text className="quiet">{words.loading}</Text>}
          {invites.data?.length === 0 && <Text className="quiet">{text.noInvites}</Text>}
          {invites.data && invites.data.length > 0 && (
            <ul className="cards">
              {invites.data.map((invite) => (
                <InviteCard key={invite.inviteId} runId={run.runId} invite={invite} />
              ))}
            </ul>
          )}
        </Section>
      </Stack>
    </div>
  );
}
