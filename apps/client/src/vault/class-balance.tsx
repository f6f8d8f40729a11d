import type { DataSetSummary } from '@tributary/participant';
import { words } from '../messages/index.ts';

/** More bars than this tell nobody anything. */
const SHOWN_LABELS = 20;

/** How many examples there are of each label, as bars that are also words. */
export function ClassBalance({
  dataSet,
}: {
  dataSet: Pick<DataSetSummary, 'schema' | 'countsByLabel' | 'name'>;
}) {
  const text = words.data;
  const { schema, countsByLabel, name } = dataSet;
  if (schema.kind === 'text') return null;
  const total = [...countsByLabel.values()].reduce((sum, count) => sum + count, 0);
  const largest = Math.max(1, ...countsByLabel.values());
  return (
    <ul className="class-balance" aria-label={text.balance(name)}>
      {schema.labels.slice(0, SHOWN_LABELS).map((label, index) => {
        const count = countsByLabel.get(index) ?? 0;
        return (
          <li key={label} data-empty={count === 0 || undefined}>
            <span>{text.balanceOf(label, count, total === 0 ? 0 : count / total)}</span>
            <span className="balance-bar" aria-hidden>
              <span style={{ width: `${(100 * count) / largest}%` }} />
            </span>
          </li>
        );
      })}
      {schema.labels.length > SHOWN_LABELS && <li>{text.moreLabels(schema.labels.length - SHOWN_LABELS)}</li>}
    </ul>
  );
}
