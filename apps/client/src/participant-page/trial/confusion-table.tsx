import { Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import { ScrollBox } from '../../appearance/scroll-box.tsx';
import { count } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { frequentMistakes } from './frequent-mistakes.ts';
import type { Judgement } from './judgement.ts';

/** More classes than this make a table that nobody reads; then the most frequent mistakes are listed. */
const LARGEST_TABLE = 20;
const LISTED_MISTAKES = 10;

interface ConfusionProps {
  readonly judgement: Judgement;
  readonly labels: readonly string[];
}

/** Rows: what it is. Columns: what the model says. The ground of a cell is its share of the row. */
export function ConfusionTable({ judgement, labels }: ConfusionProps) {
  const text = words.trial;
  const { classes, confusion } = judgement;
  if (classes > LARGEST_TABLE) return <Mistakes judgement={judgement} labels={labels} />;
  const rows = labels.map((_, row) => confusion.slice(row * classes, (row + 1) * classes));
  return (
    <ScrollBox of={text.confusion}>
      <table className="confusion">
        <caption>{text.confusion}</caption>
        <thead>
          <tr>
            <th scope="col">{text.isAndSays}</th>
            {labels.map((label) => (
              <th scope="col" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, is) => {
            const total = Math.max(
              1,
              row.reduce((sum, times) => sum + times, 0),
            );
            return (
              <tr key={labels[is]}>
                <th scope="row">{labels[is]}</th>
                {row.map((times, says) => (
                  <td
                    key={labels[says]}
                    data-right={is === says || undefined}
                    style={{ '--share': times / total } as CSSProperties}
                  >
                    {count(times)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Mistakes({ judgement, labels }: ConfusionProps) {
  const text = words.trial;
  const mistakes = frequentMistakes(judgement, LISTED_MISTAKES);
  if (mistakes.length === 0) return null;
  return (
    <div>
      <Text fw={600}>{text.mistakes}</Text>
      <ul>
        {mistakes.map(({ label, predicted, times }) => (
          <li key={`${label}/${predicted}`}>
            {text.mistake(JSON.stringify(labels[label]), JSON.stringify(labels[predicted]), times)}
          </li>
        ))}
      </ul>
    </div>
  );
}
