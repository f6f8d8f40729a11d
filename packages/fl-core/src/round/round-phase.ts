export const ROUND_PHASES = [
  'selecting',
  'training',
  'cohortClosed',
  'sharing',
  'reporting',
  'confirming',
  'unmasking',
  'aggregating',
  'committed',
  'abandoned',
] as const;
export type RoundPhase = (typeof ROUND_PHASES)[number];
