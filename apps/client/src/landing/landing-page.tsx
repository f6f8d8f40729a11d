import { Button, Stack, Text, Title } from '@mantine/core';
import { PageFrame } from '../appearance/page-frame.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';

export default function LandingPage() {
  const text = words.landing;
  return (
    <PageFrame size={760}>
      <title>{words.product}</title>
      <Stack gap="lg" pt="xl">
        <Title order={1}>{words.motto}</Title>
        <Text size="lg">{text.what}</Text>
        <div className="card-pair">
          <Section title={text.joinTitle}>
            <Text>{text.join}</Text>
            <Button component="a" href="/join" variant="light">
              {text.joinButton}
            </Button>
          </Section>
          <Section title={text.operateTitle}>
            <Text>{text.operate}</Text>
            <Button component="a" href="/admin" variant="light">
              {text.operateButton}
            </Button>
          </Section>
        </div>
      </Stack>
    </PageFrame>
  );
}
