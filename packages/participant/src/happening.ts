import type { ParticipationEvent } from '@tributary/fl-core';

/** A participation event whose time the runner fills in. */
export type Happening = ParticipationEvent extends infer Event
  ? Event extends ParticipationEvent
    ? Omit<Event, 'at'>
    : never
  : never;
