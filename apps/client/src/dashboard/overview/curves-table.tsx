import type { RoundSummary } from '@tributary/fl-core';
import { useState } from 'react';
import { ScrollBox } from '../../appearance/scroll-box.tsx';
import { count, decimal, finePercent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';

/** The values behind the charts; drawn only while somebody has it open. */
export function CurvesTable({ rounds }: { rounds: readonly RoundSummary[] }) {
  const text = words.admin;
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.curvesAsTable}</summary>
      {isOpen && (
        <ScrollBox of={text.curves}>
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col" data-figures>
                  {words.round}
                </th>
                {[text.accuracyOnValidation, text.accuracyOnOwn, text.lossOnValidation].map((column) => (
                  <th key={column} scope="col" data-figures>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rounds
                .filter((round) => round.outcome === 'committed')
                .map((round) => (
                  <tr key={round.roundNumber}>
                    <th scope="row" data-figures>
                      {count(round.roundNumber)}
                      {round.isSuperseded && ` (${text.leftBehind})`}
                    </th>
                    <td data-figures>{written(round.validationAccuracy, finePercent)}</td>
                    <td data-figures>{written(round.participantAccuracy, finePercent)}</td>
                    <td data-figures>{written(round.validationLoss, decimal)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </details>
  );
}

const written = (value: number | null, format: (value: number) => string) =>
  value === null ? '–' : format(value);
