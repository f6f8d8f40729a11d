import { Badge } from '@mantine/core';
import type { RunSummary } from '@tributary/fl-core';
import { words } from '../messages/index.ts';

const COLOURS: Record<RunSummary['status'], string> = {
  running: 'teal',
  pausing: 'yellow',
  paused: 'gray',
  completed: 'cyan',
  stopped: 'red',
};

export function RunStatusBadge({ run }: { run: Pick<RunSummary, 'status' | 'isNew'> }) {
  return (
    <Badge
      variant="dot"
      color={COLOURS[run.status]}
      className="plain-badge"
      data-testid="run-status"
      data-status={run.status}
    >
      {run.isNew ? words.admin.isNew : words.run.status[run.status]}
    </Badge>
  );
}
