import { Code, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { fetchServer } from '../../api/admin.ts';
import { Notice } from '../../appearance/notice.tsx';
import { Section } from '../../appearance/section.tsx';
import { words } from '../../messages/index.ts';
import { Problem } from '../problem.tsx';

/** Where participants reach this coordinator, and how they know that it is the right one: for the blackboard. */
export function CoordinatorSection() {
  const text = words.admin;
  const server = useQuery({
    queryKey: ['server'],
    queryFn: ({ signal }) => fetchServer(signal),
    staleTime: 60_000,
  });
  return (
    <Section title={text.addresses}>
      {server.error && <Problem error={server.error} retry={() => void server.refetch()} />}
      {!server.data && !server.error && <Text className="quiet">{words.loading}</Text>}
      {server.data && (
        <>
          <ul className="addresses">
            {server.data.urls.map((url) => (
              <li key={url}>
                <Code>{url}</Code>
              </li>
            ))}
          </ul>
          <Text size="sm" className="quiet">
            {text.tlsKinds[server.data.tls]}
          </Text>
          {server.data.certificateFingerprint && (
            <div>
              <Text size="sm" fw={600}>
                {text.fingerprint}
              </Text>
              <Code block className="fingerprint">
                {server.data.certificateFingerprint}
              </Code>
            </div>
          )}
          {server.data.tls === 'self-signed' && <Notice tone="note">{text.fingerprintHint}</Notice>}
        </>
      )}
    </Section>
  );
}
