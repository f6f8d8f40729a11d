interface ProgressBarProps {
  /** In [0, 1]; `unknown` while work goes on that nobody can measure; null keeps an empty bar's place. */
  readonly fraction: number | 'unknown' | null;
  readonly label: string;
  readonly testId?: string;
  readonly slim?: boolean;
}

/** The browser's own: without a value it says that work goes on, and claims no percentage. */
export function ProgressBar({ fraction, label, testId, slim }: ProgressBarProps) {
  return (
    <progress
      className="progress-bar"
      data-slim={slim || undefined}
      data-testid={testId}
      aria-label={label}
      aria-hidden={fraction === null}
      {...(fraction !== 'unknown' && { value: fraction ?? 0 })}
    />
  );
}
