/**
 * What the coordinator could and could not see of this device's part in the newest secure sum, from what this device
 * checked by itself; and the limits of that, beside it.
 */
import { Text } from '@mantine/core';
import type { TaskManifest } from '@tributary/fl-core';
import type { SecureSumReport } from '@tributary/participant';
import { Facts } from '../appearance/facts.tsx';
import { Notice } from '../appearance/notice.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';
import { SmallestGroupChoice } from './smallest-group-choice.tsx';

interface SecureSumProps {
  readonly manifest: TaskManifest;
  readonly report: SecureSumReport | null;
}

export default function SecureSumSection({ manifest, report }: SecureSumProps) {
  const { report: text, privacy } = words.secureSum;
  return (
    <Section title={text.title} id="secure-sum">
      <div
        data-testid="secure-sum"
        data-stage={report?.stage ?? ''}
        data-round={report?.roundNumber ?? ''}
        data-survivors={report?.group?.survivors ?? ''}
      >
        {report ? <Report report={report} /> : <Text className="quiet">{text.none}</Text>}
      </div>
      <SmallestGroupChoice manifest={manifest} />
      <ul className="limits">
        {[privacy.sumTells, privacy.collusion, privacy.code].map((limit) => (
          <li key={limit}>
            <Text size="sm" className="quiet">
              {limit}
            </Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Report({ report }: { report: SecureSumReport }) {
  const { group, roundNumber, stage } = report;
  const text = words.secureSum.report;
  return (
    <>
      <Text size="sm" className="quiet">
        {text.under(roundNumber)}
      </Text>
      {'code' in report && (
        <Notice
          tone="careful"
          title={stage === 'refused' ? words.secureSum.refused : undefined}
          data-testid="secure-sum-refusal"
          data-code={report.code}
        >
          {words.secureSum.refusals[report.code]}
        </Notice>
      )}
      <Text role="status">{text.stages[stage]}</Text>
      {group && (
        <Facts
          items={[
            [text.group, text.groupOf(group.cohort)],
            [
              text.inSum,
              group.survivors === null ? text.notYet : text.inSumOf(group.survivors, group.minimumSurvivors),
            ],
            [text.shares, text.sharesOf(group.shareThreshold, group.degree)],
            [text.confirmed, stage === 'revealed' ? text.isConfirmed : text.isNotConfirmed],
          ]}
        />
      )}
      {group && stage === 'revealed' && (
        <>
          <Text>{text.saw}</Text>
          <Text>{text.sawNot}</Text>
          <Text size="sm" className="quiet">
            {text.condition(group.shareThreshold)}
          </Text>
        </>
      )}
    </>
  );
}
