/** Every finished round, and the way back to one of them. */
import { Button, Group, Table, Text } from '@mantine/core';
import { parameterCount, parameterShapes, type RoundSummary, type RunDetail } from '@tributary/fl-core';
import { useRef, useState } from 'react';
import { ScrollBox } from '../../appearance/scroll-box.tsx';
import { Section } from '../../appearance/section.tsx';
import { bytes, count, decimal, finePercent, scientific, shortDuration } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { useMay } from '../operator-context.ts';
import { secureSumInShort, secureSumInWords } from '../overview/secure-sum-section.tsx';
import { RollBack } from './roll-back.tsx';

/** Shown at first, and more with each press of the button. */
const PAGE = 100;

/** `chosen`: the round that was pointed at in a curve. */
export function RoundsView({ run, chosen }: { run: RunDetail; chosen: number | null }) {
  const text = words.admin;
  const { summary, rounds } = run;
  const [limit, setLimit] = useState(PAGE);
  const [goal, setGoal] = useState(chosen);
  const asked = useRef<HTMLElement | null>(null);
  const askFor = (round: number) => {
    asked.current = document.activeElement as HTMLElement | null;
    setGoal(round);
  };
  // Whoever says no goes on from the button that asked; it is gone once the run went there.
  const cancel = () => {
    setGoal(null);
    asked.current?.focus();
  };
  const finish = () => {
    setGoal(null);
    document.getElementById('content')?.focus();
  };
  const maySteer = useMay('operator');
  const isAtRest = summary.status === 'paused' || summary.status === 'completed';
  const hasSteps = rounds.some(({ sum }) => sum);
  const parameters = parameterCount(parameterShapes(run.manifest.model));
  const hasSecureSums = rounds.some(({ secureSum }) => secureSum);
  const newestFirst = rounds.toReversed().slice(0, limit);
  const current = rounds.findLast((round) => round.outcome === 'committed' && !round.isSuperseded);
  const canBeGoal = (round: RoundSummary) =>
    maySteer && isAtRest && round.outcome === 'committed' && !round.isSuperseded && round !== current;
  const isPossible = goal === 0 || rounds.some((round) => round.roundNumber === goal && canBeGoal(round));
  return (
    <Section title={text.roundsTable} aside={<Text className="quiet">{count(rounds.length)}</Text>}>
      {rounds.length === 0 ? (
        <Text className="quiet">{text.noRounds}</Text>
      ) : (
        <>
          <Group gap="sm" justify="space-between">
            <Text size="sm" className="quiet">
              {!maySteer ? text.onlyOperators : isAtRest ? text.rollBackHint : text.rollBackWhenPaused}
            </Text>
            {maySteer && isAtRest && current && (
              <Button size="compact-sm" variant="default" onClick={() => askFor(0)}>
                {text.rollBackToStart}
              </Button>
            )}
          </Group>
          {goal !== null && maySteer && isAtRest && isPossible && (
            <RollBack key={goal} run={run} roundNumber={goal} onCancelled={cancel} onDone={finish} />
          )}
          <ScrollBox of={text.roundsTable}>
            <Table fz="sm" stickyHeader>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th ta="right">{words.round}</Table.Th>
                  <Table.Th>{text.outcome}</Table.Th>
                  <Table.Th ta="right">{text.invited}</Table.Th>
                  <Table.Th ta="right">{text.trained}</Table.Th>
                  <Table.Th ta="right">{text.accepted}</Table.Th>
                  {hasSecureSums && <Table.Th ta="right">{text.secureSum.inSum}</Table.Th>}
                  <Table.Th ta="right">{text.accuracy}</Table.Th>
                  <Table.Th ta="right">{text.seconds}</Table.Th>
                  <Table.Th ta="right">{text.up}</Table.Th>
                  <Table.Th ta="right">{text.upPerParameter}</Table.Th>
                  <Table.Th ta="right">{text.down}</Table.Th>
                  <Table.Th ta="right">{text.downPerParameter}</Table.Th>
                  {hasSteps && <Table.Th ta="right">{text.sum.step}</Table.Th>}
                  {hasSteps && <Table.Th ta="right">{text.sum.nearEdge}</Table.Th>}
                  {maySteer && isAtRest && (
                    <Table.Th>
                      <span className="unheard">{text.rollBack}</span>
                    </Table.Th>
                  )}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {newestFirst.map((round) => (
                  <Table.Tr key={round.roundNumber} data-superseded={round.isSuperseded || undefined}>
                    <Table.Td className="figures" ta="right">
                      {count(round.roundNumber)}
                    </Table.Td>
                    <Table.Td>
                      {text.outcomes[round.outcome]}
                      {round.reason && `: ${text.reasons[round.reason]}`}
                      {round.isSuperseded && ` (${text.leftBehind})`}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {count(round.invited)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {count(round.trained)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {count(round.accepted)}
                    </Table.Td>
                    {hasSecureSums && (
                      <Table.Td
                        className="figures"
                        ta="right"
                        title={round.secureSum && secureSumInWords(round.secureSum)}
                      >
                        {secureSumInShort(round.secureSum)}
                      </Table.Td>
                    )}
                    <Table.Td className="figures" ta="right">
                      {accuracyOf(round)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {shortDuration((round.closedAt - round.openedAt) / 1000)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {bytes(round.bytesUp)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {each(round.bytesUp, round.accepted, parameters)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {bytes(round.bytesDown)}
                    </Table.Td>
                    <Table.Td className="figures" ta="right">
                      {each(round.bytesDown, round.invited, parameters)}
                    </Table.Td>
                    {hasSteps && <StepCells round={round} />}
                    {maySteer && isAtRest && (
                      <Table.Td>
                        {canBeGoal(round) && (
                          <Button
                            size="compact-xs"
                            variant="default"
                            aria-label={text.rollBackTo(round.roundNumber)}
                            onClick={() => askFor(round.roundNumber)}
                          >
                            {text.rollBack}
                          </Button>
                        )}
                      </Table.Td>
                    )}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollBox>
          {rounds.length > limit && (
            <Button variant="default" onClick={() => setLimit(limit + PAGE)}>
              {text.showMore(rounds.length - limit)}
            </Button>
          )}
        </>
      )}
    </Section>
  );
}

/** How finely the round's sum was rounded, and whether it came close to the edge of its ring. */
function StepCells({ round: { sum } }: { round: RoundSummary }) {
  const text = words.admin.sum;
  return (
    <>
      <Table.Td className="figures" ta="right">
        {sum ? scientific(sum.step) : '–'}
      </Table.Td>
      <Table.Td className="figures" ta="right" data-alarm={sum?.alarm}>
        {sum ? finePercent(sum.nearEdge) : '–'}
        {sum && sum.alarm !== 'none' && ` (${text.alarms[sum.alarm]})`}
      </Table.Td>
    </>
  );
}

/** Bytes of each of `count` for each parameter. */
function each(total: number, count: number, parameters: number): string {
  return count === 0 ? '–' : decimal(Number((total / count / parameters).toPrecision(3)));
}

function accuracyOf({ validationAccuracy, participantAccuracy }: RoundSummary): string {
  const accuracy = validationAccuracy ?? participantAccuracy;
  return accuracy === null ? '–' : finePercent(accuracy);
}
