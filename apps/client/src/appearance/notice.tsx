import { Alert, type AlertProps } from '@mantine/core';

const COLOURS = { bad: 'red', careful: 'yellow', good: 'teal', note: 'cyan' } as const;

/** `bad` interrupts a screen reader; the others wait for their turn. */
export function Notice({ tone, ...rest }: { tone: keyof typeof COLOURS } & Omit<AlertProps, 'color'>) {
  return (
    <Alert
      variant="light"
      color={COLOURS[tone]}
      role={tone === 'bad' ? 'alert' : 'status'}
      className="notice"
      {...rest}
    />
  );
}
