/**
 * What the coordinator could and could not see of this device's part in the newest secure sum, from what this device
 * checked by itself; and the limits of that, beside it.
 */
import { Stack, Text } from '@mantine/core';
import type { ParticipationActivity, TaskManifest } from '@tributary/fl-core';
import type { SecureSumReport } from '@tributary/participant';
import type { SecAggErrorCode } from '@tributary/privacy';
import { Facts } from '../appearance/facts.tsx';
import { Notice } from '../appearance/notice.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';
import { SmallestGroupChoice } from './smallest-group-choice.tsx';

interface SecureSumProps {
  readonly manifest: TaskManifest;
  readonly activity: ParticipationActivity;
  readonly report: SecureSumReport | null;
}

export default function SecureSumSection({ manifest, activity, report }: SecureSumProps) {
  const { report: text, privacy } = words.secureSum;
  const refusal = refusalOf(activity, report);
  return (
    <Section title={text.title} id="secure-sum">
      <div
        data-testid="secure-sum"
        data-stage={report?.stage ?? ''}
        data-round={report?.roundNumber ?? ''}
        data-survivors={report?.group?.survivors ?? ''}
      >
        {refusal && <Refusal code={refusal} />}
        {report ? <Report report={report} /> : !refusal && <Text className="quiet">{text.none}</Text>}
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

/** Also of what was refused before there was a group, or before this page was loaded again. */
function refusalOf(activity: ParticipationActivity, report: SecureSumReport | null): SecAggErrorCode | null {
  if (activity.phase === 'waiting') {
    if (activity.reason === 'secure-sum-refused' && isSecureSumCode(activity.code)) return activity.code;
    if (activity.reason === 'secure-sum-lost') return 'secagg-state-lost';
  }
  return report && 'code' in report ? report.code : null;
}

const isSecureSumCode = (code: string): code is SecAggErrorCode =>
  Object.hasOwn(words.secureSum.refusals, code);

function Refusal({ code }: { code: SecAggErrorCode }) {
  const text = words.secureSum;
  return (
    <Notice
      tone="careful"
      title={code === 'secagg-state-lost' ? undefined : text.refused}
      data-testid="secure-sum-refusal"
      data-code={code}
    >
      {text.refusals[code]}
    </Notice>
  );
}

function Report({ report }: { report: SecureSumReport }) {
  const { group, roundNumber, stage } = report;
  const refused = 'code' in report;
  const text = words.secureSum.report;
  return (
    <Stack gap="xs">
      <Text size="sm" className="quiet">
        {text.under(roundNumber)}
      </Text>
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
            ...(refused
              ? []
              : [[text.confirmed, stage === 'revealed' ? text.isConfirmed : text.isNotConfirmed] as const]),
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
          {/* The stronger label asks that somebody else than the coordinator vouches for this page and for the people. */}
          <Text size="sm">{text.label}</Text>
        </>
      )}
    </Stack>
  );
}
