/** What was left out, and why: counts, the first few, and all of them to save. */
import { Button, Group, Text } from '@mantine/core';
import type { DataSchema } from '@tributary/fl-core';
import { saveFile } from '../appearance/save-file.ts';
import type { ImportReport, Rejection } from '../data-import/imported.ts';
import { count } from '../messages/figures.ts';
import { words } from '../messages/index.ts';

export function RejectionReport({ report, data }: { report: ImportReport; data: DataSchema }) {
  const text = words.data;
  if (report.rejected === 0) return null;
  return (
    <div data-testid="rejections">
      <Text fw={600}>{text.leftOut(report.rejected)}</Text>
      <ul className="faults">
        {report.byReason.map(({ kind, count: times }) => (
          <li key={kind} data-reason={kind}>
            {count(times)} {text.reasonKind[kind]}
          </li>
        ))}
      </ul>
      <details open={report.rejected <= 5}>
        <summary>{text.firstOf(report.first.length, report.rejected)}</summary>
        <ul className="faults rejected-rows">
          {report.first.map((rejection) => (
            <li key={`${rejection.file}/${rejection.position}/${rejection.reason.kind}`}>
              {placeOf(rejection, data)}: {text.rejection(rejection.reason)}
            </li>
          ))}
        </ul>
      </details>
      <Group mt="xs">
        <Button
          size="sm"
          variant="default"
          data-testid="save-report"
          onClick={() => saveFile('left-out.csv', report.all, 'text/csv')}
        >
          {text.saveReport}
        </Button>
      </Group>
    </div>
  );
}

function placeOf({ file, position, field }: Rejection, data: DataSchema): string {
  const text = words.data;
  const parts = [
    file,
    ...(position === null ? [] : [text.place(position, data.kind === 'tabular')]),
    ...(field === null ? [] : [text.field(field)]),
  ];
  return parts.join(', ');
}
