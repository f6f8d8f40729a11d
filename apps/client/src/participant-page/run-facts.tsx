import { Badge, Text } from '@mantine/core';
import { type JoinInfo, parameterCount, parameterShapes, type TaskManifest } from '@tributary/fl-core';
import { Facts } from '../appearance/facts.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';

export function RunFacts({ join }: { join: JoinInfo }) {
  const { manifest } = join;
  const text = words.run;
  const { rounds, training } = manifest;
  return (
    <Section
      title={text.title}
      aside={
        <Badge variant="outline" color="gray" className="plain-badge">
          {text.status[join.status]}
        </Badge>
      }
    >
      <Facts
        items={[
          [text.learns, whatItLearns(manifest)],
          [
            text.model,
            `${text.modelKinds[manifest.model.kind]}, ${text.parameters(parameterCount(parameterShapes(manifest.model)))}`,
          ],
          [text.together, text.perRound(rounds.reportGoal, rounds.minimumSurvivors)],
          [text.yourWork, text.localWork(training.epochs, rounds.trainingSeconds)],
        ]}
      />
      <Text size="sm" className="quiet">
        {text.progress(join.committedRounds, rounds.committedRounds)}
      </Text>
    </Section>
  );
}

function whatItLearns({ data }: TaskManifest): string {
  return data.kind === 'text' ? words.run.nextCharacter : words.run.classes(data.labels);
}
