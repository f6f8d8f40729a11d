export const ROUND_PHASES = [
  'selecting',
  'training',
  'cohortClosed',
  'reporting',
  'aggregating',
  'committed',
  'abandoned',
] as const;
export type RoundPhase = (typeof ROUND_PHASES)[number];
