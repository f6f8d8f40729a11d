import { Text } from '@mantine/core';
import { Notice } from '../appearance/notice.tsx';
import type { FileReport } from '../data-import/imported.ts';
import { words } from '../messages/index.ts';
import type { ImportState } from './use-own-examples.ts';

/** What the last import took, and everything that it left out with the reason. */
export function ImportResult({ state }: { state: ImportState }) {
  const text = words.data;
  switch (state.phase) {
    case 'idle':
      return null;
    case 'importing':
      return (
        <Text role="status" data-testid="import-state" data-state="importing">
          {text.importing}
        </Text>
      );
    case 'failed':
      return <Notice tone="bad">{state.message}</Notice>;
    case 'done': {
      const refused = state.reports.filter((report) => report.rejected > 0);
      return (
        <Notice
          tone={refused.length > 0 ? 'careful' : 'good'}
          data-testid="import-state"
          data-state="done"
          data-added={state.added}
        >
          <Text>{text.added(state.added)}</Text>
          {refused.map((report) => (
            <RefusedPart key={report.file} report={report} />
          ))}
        </Notice>
      );
    }
  }
}

function RefusedPart({ report }: { report: FileReport }) {
  const text = words.data;
  const unlisted = report.rejected - report.rejections.length;
  return (
    <details open={report.accepted === 0}>
      <summary>
        {report.file}: {text.rejectedCount(report.rejected)}
        {report.accepted > 0 && `, ${text.acceptedCount(report.accepted)}`}
      </summary>
      <ul>
        {report.rejections.map(({ position, reason }) => (
          <li key={`${position}/${reason.kind}`}>
            {position !== null && `${text.line(position)}: `}
            {text.rejection(reason)}
          </li>
        ))}
        {unlisted > 0 && <li>{text.andMore(unlisted)}</li>}
      </ul>
    </details>
  );
}
